/** Which pages are at hand without a network, and whether one has all that it is made of. */

const ROAD = ["/report/", "/report/queue/", "/safety/"];

/** In both languages; without anything private, whoever asks for them. */
export const PAGES: readonly string[] = [...ROAD, ...ROAD.map((path) => `/en${path}`)];

const BUILT_FILE = /(?:src|href)="(\/static\/assets\/[^"]+)"/g;

/** Whether every built file that a page names is among those that are kept. */
export function all_at_hand(html: string, files: readonly string[]): boolean {
  return [...html.matchAll(BUILT_FILE)].every(([, path]) => files.includes(path!));
}
