// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";

import { cards_near, forget_told, nearest, nearest_told, reach_m, remember_told } from "./known";

const PIN = { lon: 5.38, lat: 43.3 };
const at = (metres_north: number): typeof PIN => ({ lon: PIN.lon, lat: PIN.lat + metres_north / 111_195 });
const TILES = "/tiles/devices/{z}/{x}/{y}.mvt";

afterEach(() => {
  forget_told();
  vi.unstubAllGlobals();
});

describe("what the walker told a moment ago", () => {
  it("is near within reach, the nearest first", () => {
    for (const metres of [25, 3, 45]) remember_told({ ...at(metres), words: [`${metres}`] });
    expect(nearest_told(PIN, reach_m(8)).map(({ words }) => words[0])).toEqual(["3", "25"]);
    expect(nearest_told(PIN, reach_m(40))).toHaveLength(3);
  });

  it("is shown offline too, with nothing to confirm and the way to the next", async () => {
    vi.stubGlobal("fetch", async () => Promise.reject(new TypeError("offline")));
    remember_told({ ...at(4), words: ["Dome camera", ""] });
    const cards = await cards_near(TILES, PIN, 8, () => undefined);
    expect(cards).toHaveLength(1);
    expect(cards[0]!.textContent).toContain("You reported this a moment ago");
    expect(cards[0]!.textContent).toMatch(/Dome camera, 4\sm/);
    expect(cards[0]!.querySelector("button")).toBeNull();
    expect(cards[0]!.querySelector("[data-again]")).not.toBeNull();
  });

  it("stays in the page's memory", () => {
    remember_told({ ...at(4), words: ["Dome camera"] });
    expect([localStorage.length, sessionStorage.length, history.state]).toEqual([0, 0, null]);
    forget_told();
    expect(nearest_told(PIN, 50)).toEqual([]);
  });
});

describe("what the map knows", () => {
  it("leaves out what was removed", () => {
    const device = {
      ...at(2), id: "a", kind: "camera", camera_type: "", status: "removed", verification: "verified",
      arcs: [], last_seen: "", name: "",
    };
    expect(nearest([device, { ...device, id: "b", status: "active" }], PIN, 30).map(({ device: { id } }) => id)).toEqual(["b"]);
  });
});
