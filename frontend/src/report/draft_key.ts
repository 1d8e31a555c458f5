/** Whether this tab has begun a report: asked at every opening, so it stands apart and small. */

/** Where a tab keeps the key that its draft is sealed with. */
export const KEY = "contrechamp-draft-key";

export function is_begun_in_tab(): boolean {
  try {
    return sessionStorage.getItem(KEY) !== null;
  } catch {
    return false;
  }
}
