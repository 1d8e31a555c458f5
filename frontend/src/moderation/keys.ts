/**
 * Single keys press the desk's own buttons: `data-key="a"` names the key (several by spaces). What
 * a key does is always a button that can be seen. WCAG 2.1.4: a switch turns them off, remembered
 * on this machine; they rest while somebody types and with Ctrl, Alt or Meta held.
 */

const SWITCH = "contrechamp.keys";
const TYPED_IN = "input:not([type=checkbox], [type=radio], [type=submit], [type=button], [type=image]), textarea, select, [contenteditable]";

/** What the listener needs of a key press. */
export type KeyPress = Pick<
  KeyboardEvent,
  "key" | "ctrlKey" | "altKey" | "metaKey" | "repeat" | "isComposing" | "getModifierState"
>;

/** The key to look for, in lower case; null where it is not ours. */
export function key_of(event: KeyPress, target: Element | null): string | null {
  if (event.key.length !== 1 || event.key === " " || event.repeat || event.isComposing) return null;
  // On a French keyboard "[" and "]" are typed with AltGr, which says Ctrl and Alt too.
  const is_typed_with_alt_gr = "[]".includes(event.key) && event.getModifierState("AltGraph");
  if (!is_typed_with_alt_gr && (event.ctrlKey || event.altKey || event.metaKey)) return null;
  return target?.closest(TYPED_IN) ? null : event.key.toLowerCase();
}

/**
 * The button of a key. While a chooser is open only its own keys work, and the one that opened it:
 * a slip decides nothing. Numbers tick the checks that have the focus.
 */
export function button_of(key: string, focused: Element | null): HTMLElement | null {
  const open = open_chooser();
  const scope = open ?? focused?.closest("[data-choices]");
  const inside = scope ? named(scope, key).find(is_there) : undefined;
  if (inside) return inside;
  const outside = named(document, key).filter((button) => !button.closest("[data-choices]"));
  const allowed = outside.filter((button) => !open || button.getAttribute("popovertarget") === open.id);
  return allowed.find(is_there) ?? null;
}

function open_chooser(): Element | null {
  return [...document.querySelectorAll("[popover]")].find(is_open) ?? null;
}

function is_open(element: Element): boolean {
  try {
    return element.matches(":popover-open");
  } catch {
    // A browser without popovers shows them in the page: nothing is open.
    return false;
  }
}

export function are_keys_on(): boolean {
  try {
    return localStorage.getItem(SWITCH) !== "off";
  } catch {
    return true;
  }
}

export function switch_keys(is_on: boolean): void {
  try {
    localStorage.setItem(SWITCH, is_on ? "on" : "off");
  } catch {
    // Without storage the switch holds for this page.
  }
  show_keys(document, is_on);
}

/** Show or hide the hints, and tell assistive technology the same. */
export function show_keys(root: ParentNode, is_on: boolean): void {
  for (const hint of root.querySelectorAll<HTMLElement>(".key")) hint.hidden = !is_on;
  for (const button of root.querySelectorAll<HTMLElement>("[data-key]")) {
    const keys = (button.dataset["key"] ?? "").toUpperCase();
    if (is_on) button.setAttribute("aria-keyshortcuts", keys);
    else button.removeAttribute("aria-keyshortcuts");
  }
}

function named(root: ParentNode, key: string): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>("[data-key]")].filter((button) =>
    (button.dataset["key"] ?? "").split(" ").includes(key),
  );
}

function is_there(button: HTMLElement): boolean {
  return !button.closest("[hidden]") && !button.hasAttribute("disabled");
}
