/** Will what waits here last? Browsers may throw storage away that they were not asked to keep. */

/** Ask that nothing be thrown away; a browser may ask the walker, or decide alone. */
export async function ask_to_last(): Promise<void> {
  if (await is_fleeting()) await navigator.storage?.persist?.().catch(() => false);
}

/** Whether the browser may throw away what waits: Safari does so after seven days. */
export async function is_fleeting(): Promise<boolean> {
  return !(await navigator.storage?.persisted?.().catch(() => false));
}
