// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";

import { are_keys_on, button_of, key_of, show_keys, switch_keys, type KeyPress } from "./keys";

function press(key: string, held: Partial<KeyPress> & { alt_gr?: boolean } = {}): KeyPress {
  return {
    key, ctrlKey: false, altKey: false, metaKey: false, repeat: false, isComposing: false,
    getModifierState: (name: string) => name === "AltGraph" && held.alt_gr === true,
    ...held,
  };
}

beforeEach(() => {
  localStorage.clear();
  document.body.innerHTML = `<button data-key="a" id="accept">A<kbd class="key" hidden>A</kbd></button>
    <button data-key="[ <" id="left"></button><div hidden><button data-key="m"></button></div>
    <fieldset data-choices><input type="checkbox" id="face" data-key="1"></fieldset>
    <input id="text"><input type="radio" id="radio"><select id="choice"></select>`;
});

const element = (id: string): HTMLElement => document.getElementById(id)!;

describe("single keys", () => {
  it("are letters without a modifier, whatever the case", () => {
    expect(key_of(press("A"), document.body)).toBe("a");
    expect(key_of(press("a", { ctrlKey: true }), document.body)).toBeNull();
    expect(key_of(press("a", { metaKey: true }), document.body)).toBeNull();
    expect(key_of(press("a", { altKey: true }), document.body)).toBeNull();
    expect(key_of(press("Enter"), document.body)).toBeNull();
    expect(key_of(press("a", { repeat: true }), document.body)).toBeNull();
  });

  it("take brackets typed with AltGr", () => {
    const held = { ctrlKey: true, altKey: true, alt_gr: true };
    expect(key_of(press("[", held), document.body)).toBe("[");
    expect(key_of(press("a", held), document.body)).toBeNull();
  });

  it("rest where somebody types, not at a box or a radio button", () => {
    expect(key_of(press("a"), element("text"))).toBeNull();
    expect(key_of(press("a"), element("choice"))).toBeNull();
    expect(key_of(press("a"), element("face"))).toBe("a");
    expect(key_of(press("a"), element("radio"))).toBe("a");
  });

  it("press a button that is there", () => {
    expect(button_of("a", null)).toBe(element("accept"));
    expect(button_of("<", null)).toBe(element("left"));
    expect(button_of("m", null)).toBeNull();
    expect(button_of("z", null)).toBeNull();
  });

  it("number the checks that have the focus, and no others", () => {
    expect(button_of("1", null)).toBeNull();
    expect(button_of("1", element("face"))).toBe(element("face"));
    expect(button_of("a", element("face"))).toBe(element("accept"));
  });

  it("are switched off on this machine, hints and all", () => {
    show_keys(document, are_keys_on());
    const hint = document.querySelector<HTMLElement>(".key")!;
    expect([element("accept").getAttribute("aria-keyshortcuts"), hint.hidden]).toEqual(["A", false]);
    switch_keys(false);
    expect(are_keys_on()).toBe(false);
    expect([element("accept").hasAttribute("aria-keyshortcuts"), hint.hidden]).toEqual([false, true]);
  });
});
