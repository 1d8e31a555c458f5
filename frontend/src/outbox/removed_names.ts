/** What a photo's file carries besides the picture, in words. */

/** The words for codes of what photos carry, from the page. */
export function names_of(codes: readonly string[]): string[] {
  const text = document.getElementById("removed-names")?.textContent ?? "{}";
  const names = JSON.parse(text) as Record<string, string>;
  const found = Object.entries(names).filter(([code]) => codes.includes(code)).map(([, name]) => name);
  // Several codes have one name.
  return [...new Set(found)];
}
