import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { forget_catalogue } from "../i18n/messages";
import { add_place_map, judge_fix } from "./place";

const SECTION = `<section data-place data-bbox="2.2,48.8,2.4,48.9">
  <div data-place-picture><input type="image" name="pos" alt=""></div>
  <input name="lat"><input name="lon"></section>`;

function field(name: string): HTMLInputElement {
  return document.querySelector<HTMLInputElement>(`[name="${name}"]`)!;
}

function press(words: string): void {
  const button = [...document.querySelectorAll("button")].find(
    ({ textContent }) => textContent === words,
  );
  button!.click();
}

function grant_fix(accuracy: number): void {
  vi.stubGlobal("navigator", {
    ...navigator,
    geolocation: {
      getCurrentPosition: (take: PositionCallback) =>
        take({ coords: { latitude: 48.85, longitude: 2.35, accuracy } } as GeolocationPosition),
    },
  });
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
}

beforeEach(() => {
  document.documentElement.lang = "en";
  document.body.innerHTML = SECTION;
  forget_catalogue();
});

afterEach(() => vi.unstubAllGlobals());

describe("the place of a report", () => {
  it("is nowhere until the walker says so: opening the map places nothing", () => {
    add_place_map(document.querySelector<HTMLElement>("section")!);
    expect([field("lat").value, field("lon").value]).toEqual(["", ""]);
    expect(document.querySelector<HTMLElement>("[data-place-picture]")!.hidden).toBe(true);
    expect(document.querySelector('[role="status"]')!.textContent).toMatch(/^No place chosen yet/);
  });

  it("is not taken from too far off", () => {
    add_place_map(document.querySelector<HTMLElement>("section")!);
    press("Place the pin here");
    expect(field("lat").value).toBe("");
    expect(document.querySelector('[role="status"]')!.textContent).toMatch(/^Zoom in/);
  });

  it("takes a good fix, and gives it back", async () => {
    grant_fix(8);
    add_place_map(document.querySelector<HTMLElement>("section")!);
    press("Find where I am");
    await settled();
    expect([field("lat").value, field("lon").value]).toEqual(["48.850000", "2.350000"]);
    press("Take the pin away");
    expect(field("lat").value).toBe("");
  });

  it("never takes a fix worse than 50 m, and says why", async () => {
    grant_fix(51);
    add_place_map(document.querySelector<HTMLElement>("section")!);
    press("Find where I am");
    await settled();
    expect(field("lat").value).toBe("");
    expect(document.querySelector('[role="status"]')!.textContent).toMatch(/51 m only, too coarse/);
  });

  it("judges a fix by its accuracy", () => {
    const at = { lon: 2, lat: 48 };
    expect(judge_fix({ ...at, accuracy_m: 50 }).places).toBe(true);
    expect(judge_fix({ ...at, accuracy_m: 50.1 }).places).toBe(false);
    expect(judge_fix({ ...at, accuracy_m: Number.NaN }).places).toBe(false);
    expect(judge_fix({ problem: "no" })).toEqual({ places: false, words: "no" });
  });
});
