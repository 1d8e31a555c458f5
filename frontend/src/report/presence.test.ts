// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";

import { presence_buttons } from "../map/popup";
import { remember_prudence } from "./memory";
import { take_presence } from "./presence";
import { local_day } from "./local_day";

const FORM = `<form data-presence action="/report/"><input type="hidden" name="device" value="d">
  <input type="radio" name="presence" value="there" checked>
  <input type="hidden" name="prudent" value="0"><input type="checkbox" name="prudent" value="1"></form>`;

function form(): HTMLFormElement {
  document.body.innerHTML = FORM;
  return document.querySelector("form")!;
}

beforeEach(() => localStorage.clear());

describe("two taps", () => {
  it("begin with the prudence that the phone remembers, and remember it", () => {
    remember_prudence(true);
    const shown = form();
    take_presence(shown);
    const box = shown.querySelector<HTMLInputElement>('[type="checkbox"]')!;
    expect(box.checked).toBe(true);
    box.checked = false;
    box.dispatchEvent(new Event("change", { bubbles: true }));
    const next = form();
    take_presence(next);
    expect(next.querySelector<HTMLInputElement>('[type="checkbox"]')!.checked).toBe(false);
  });

  it("are dated where the walker is", () => {
    expect(local_day(new Date(2026, 0, 5, 23, 59))).toBe("2026-01-05");
  });

  it("are not offered for what was removed, nor where nobody listens", () => {
    const device = {
      lon: 0, lat: 0, id: "a", kind: "camera", camera_type: "", status: "active", verification: "unverified",
      arcs: [], last_seen: "", name: "",
    };
    const heard: string[] = [];
    const [bar] = presence_buttons(device, (_, said) => heard.push(said));
    for (const button of bar!.querySelectorAll("button")) button.click();
    expect(heard).toEqual(["there", "gone"]);
    expect(presence_buttons({ ...device, status: "removed" }, () => undefined)).toEqual([]);
    expect(presence_buttons(device, undefined)).toEqual([]);
  });
});
