// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";

import { forget_catalogue } from "../i18n/messages";
import { add_dial, type Dial, bearing_after_key, bearing_of } from "./dial";

const FORM = `<form><fieldset data-direction><div class="choices">
  <label class="choice"><input type="radio" name="direction" value="NE"> NE</label>
  <label class="choice"><input type="radio" name="direction" value="360"> all round</label>
  <label class="choice"><input type="radio" name="direction" value="unknown"> ?</label>
</div><input id="degrees" name="direction"></fieldset></form>`;

function sent(): string {
  const said = new FormData(document.querySelector("form")!).getAll("direction");
  return said.filter((value) => value !== "").join(" and ");
}

function dial(): HTMLElement {
  return document.querySelector<HTMLElement>('[role="slider"]')!;
}

function press(key: string): void {
  dial().dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
}

function check(value: string): void {
  const radio = document.querySelector<HTMLInputElement>(`[value="${value}"]`)!;
  radio.checked = true;
  radio.dispatchEvent(new Event("input", { bubbles: true }));
}

function press_button(words: string): void {
  [...document.querySelectorAll("button")].find(({ textContent }) => textContent === words)!.click();
}

let the_dial: Dial;

beforeEach(() => {
  document.documentElement.lang = "en";
  document.body.innerHTML = FORM;
  forget_catalogue();
  the_dial = add_dial(document.querySelector<HTMLElement>("[data-direction]")!)!;
});

describe("the dial", () => {
  it("chooses nothing by itself", () => {
    expect(sent()).toBe("");
    expect(dial().getAttribute("aria-valuetext")).toBe("?");
    expect(dial().hasAttribute("aria-valuenow")).toBe(false);
  });

  it("is moved by keys in steps of five degrees and says so in words", () => {
    press("ArrowRight");
    expect(sent()).toBe("0");
    press("PageUp");
    press("ArrowRight");
    expect(sent()).toBe("50");
    expect(dial().getAttribute("aria-valuenow")).toBe("50");
    expect(dial().getAttribute("aria-valuetext")).toBe("50°, north-east");
    press("a");
    expect(sent()).toBe("50");
  });

  it("follows the radio buttons, and gives way to them", () => {
    press("End");
    check("NE");
    expect(sent()).toBe("NE");
    expect(dial().getAttribute("aria-valuetext")).toBe("45°, north-east");
    check("360");
    expect(dial().getAttribute("aria-valuetext")).toBe("all round");
    check("unknown");
    expect(dial().getAttribute("aria-valuetext")).toBe("?");
  });

  it("follows the field for degrees, and never lets two answers stand", () => {
    check("NE");
    const degrees = document.querySelector<HTMLInputElement>("#degrees")!;
    degrees.value = "100-140";
    degrees.dispatchEvent(new Event("input", { bubbles: true }));
    expect(sent()).toBe("100-140");
    expect(dial().getAttribute("aria-valuetext")).toBe("120°, south-east");
    degrees.value = "nonsense";
    degrees.dispatchEvent(new Event("input", { bubbles: true }));
    expect(dial().getAttribute("aria-valuetext")).toBe("?");
  });

  it("takes several heads on one pole, by buttons or keys, and gives each back", () => {
    check("NE");
    press_button("Add a direction: another head on this pole");
    expect(sent()).toBe("45");
    expect(dial().hasAttribute("aria-valuenow")).toBe(false);
    press("ArrowLeft");
    press("PageDown");
    expect(sent()).toBe("45;305");
    expect(document.querySelector(".dial__words")!.textContent).toBe(
      "45°, north-east + 305°, north-west",
    );
    check("NE");
    expect(sent()).toBe("45;45");
    press_button("Remove 45°, north-east");
    expect(sent()).toBe("45");
    expect(dial().getAttribute("aria-valuenow")).toBe("45");
    check("360");
    expect(sent()).toBe("360");
  });

  it("estimates an octant only where nothing was said, and asks", () => {
    the_dial.estimate("NE");
    expect(sent()).toBe("NE");
    expect(document.querySelector(".dial__words")!.textContent).toBe(
      "Estimated direction: north-east. Right?",
    );
    press("ArrowRight");
    expect(document.querySelector(".dial__words")!.textContent).toBe("50°, north-east");
    the_dial.estimate("NE");
    expect(sent()).toBe("50");
  });

  it("reads a point as a bearing", () => {
    expect(bearing_of(0, -10)).toBe(0);
    expect(bearing_of(10, 0)).toBe(90);
    expect(bearing_of(-10, 10)).toBe(225);
    expect(bearing_of(-1, -100)).toBe(0);
  });

  it("wraps at north", () => {
    expect(bearing_after_key("ArrowLeft", 0)).toBe(355);
    expect(bearing_after_key("PageUp", 340)).toBe(25);
    expect(bearing_after_key("Tab", 340)).toBeNull();
  });
});
