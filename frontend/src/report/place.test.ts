// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { forget_catalogue } from "../i18n/messages";
import { Fixes } from "./fixes";
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
      clearWatch: () => undefined,
      watchPosition: (take: PositionCallback) => {
        take({ coords: { latitude: 48.85, longitude: 2.35, accuracy } } as GeolocationPosition);
        return 1;
      },
    },
  });
}

const section = (): HTMLElement => document.querySelector<HTMLElement>("section")!;
const status = (): string => document.querySelector('[role="status"]')!.textContent ?? "";

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
    expect(document.querySelector('[role="status"]')!.textContent).toMatch(/^Move the map until the pin stands/);
  });

  it("is not taken from too far off", () => {
    add_place_map(document.querySelector<HTMLElement>("section")!);
    press("Place the pin here");
    expect(field("lat").value).toBe("");
    expect(document.querySelector('[role="status"]')!.textContent).toMatch(/^Zoom in/);
  });

  it("takes a good fix, and gives it back", () => {
    grant_fix(8);
    add_place_map(document.querySelector<HTMLElement>("section")!);
    press("Find where I am");
    expect([field("lat").value, field("lon").value]).toEqual(["48.850000", "2.350000"]);
    press("Remove");
    expect(field("lat").value).toBe("");
  });

  it("never takes a fix worse than 50 m, and says why", () => {
    grant_fix(51);
    add_place_map(document.querySelector<HTMLElement>("section")!);
    press("Find where I am");
    expect(field("lat").value).toBe("");
    expect(document.querySelector('[role="status"]')!.textContent).toMatch(/51 m only, too coarse/);
  });

  it("judges a fix by its accuracy", () => {
    expect(judge_fix(50).places).toBe(true);
    expect(judge_fix(50.1).places).toBe(false);
    expect(judge_fix(Number.NaN).places).toBe(false);
  });

  it("follows a watch begun before it, but never moves a pin that a hand has placed", () => {
    const fixes = new Fixes(() => undefined);
    grant_fix(12);
    fixes.begin();
    const place = add_place_map(section(), { fixes });
    expect(field("lat").value).toBe("48.850000");
    const container = place!.map.getContainer();
    container.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp" }));
    place!.map.setView([48.86, 2.36], 18, { animate: false });
    expect(field("lat").value).toBe("48.860000");
    place!.follow_fix();
    expect(field("lat").value).toBe("48.860000");
  });

  it("never takes the place of an upload for that of a photo", () => {
    const fixes = new Fixes(() => undefined);
    grant_fix(12);
    fixes.begin();
    const place = add_place_map(section(), { fixes, may_place: () => false });
    expect(field("lat").value).toBe("");
    expect(status()).toMatch(/^Move the map until the pin stands/);
    expect(place!.confirm()).toBe(false);
    press("Find where I am");
    expect(field("lat").value).toBe("48.850000");
    expect(place!.confirm()).toBe(true);
  });

  it("starts from the photo's own place, and says so", () => {
    const place = add_place_map(section())!;
    place.suggest({ lon: 2.3, lat: 48.8 });
    expect(field("lon").value).toBe("2.300000");
    expect(status()).toMatch(/^The pin stands where the photo was taken/);
  });
});
