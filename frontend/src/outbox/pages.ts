/** Which pages are at hand without a network, and whether one has all that it is made of. */

const ROAD = ["/report/", "/report/queue/", "/safety/"];

/** In each language, by what its addresses begin with; nothing private, whoever asks for them. */
export function pages_of(prefixes: readonly string[]): string[] {
  return prefixes.flatMap((prefix) => ROAD.map((path) => prefix + path));
}

const BUILT_FILE = /(?:src|href)="(\/static\/assets\/[^"]+)"/g;

/** Whether every built file that a page names is among those that are kept. */
export function all_at_hand(html: string, files: readonly string[]): boolean {
  return [...html.matchAll(BUILT_FILE)].every(([, path]) => files.includes(path!));
}
