// @vitest-environment happy-dom
import * as L from "leaflet";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { forget_catalogue } from "../i18n/messages";
import { boxes_of, flag_words, FlagLayer, popup_of_flag, type Flag } from "./flags";

const PARK: Flag = {
  id: "way/1", kind: "car_park", url: "https://www.openstreetmap.org/way/1", lon: 2.3, lat: 48.85,
  tags: { surveillance: "outdoor" },
};
const RULE: Flag = {
  id: "relation/7", kind: "enforcement", url: "https://www.openstreetmap.org/relation/7",
  lon: 2.301, lat: 48.85, tags: { enforcement: "maxspeed", maxspeed: "50" },
};

function feature({ id, lon, lat, kind, url, tags }: Flag): object {
  return { id, geometry: { coordinates: [lon, lat] }, properties: { kind, url, tags } };
}

let map: L.Map;
let layer: FlagLayer;
const on_words = vi.fn();
const fetched = vi.fn();

beforeEach(() => {
  document.documentElement.lang = "en";
  document.body.innerHTML = '<div id="map"></div>';
  forget_catalogue();
  on_words.mockClear();
  fetched.mockReset();
  fetched.mockImplementation(async () => Response.json({ features: [PARK, RULE].map(feature) }));
  vi.stubGlobal("fetch", fetched);
  const element = document.getElementById("map")!;
  for (const side of ["clientWidth", "clientHeight"]) {
    Object.defineProperty(element, side, { value: 400 });
  }
  map = L.map(element, { zoomAnimation: false, fadeAnimation: false }).setView([48.85, 2.3], 16);
  layer = new FlagLayer(map, "/data/flags.geojson", on_words);
});

afterEach(() => {
  map.remove();
  vi.unstubAllGlobals();
});

function marks(): HTMLElement[] {
  return [...document.querySelectorAll<HTMLElement>(".flag-mark")];
}

describe("the boxes that are asked for", () => {
  it("are cells of a coarse grid, the same wherever in them one looks", () => {
    const door = { west: 2.3, south: 48.85, east: 2.3001, north: 48.8501 };
    const street = { west: 2.2, south: 48.8, east: 2.25, north: 48.83 };
    expect(boxes_of(door)).toEqual(boxes_of(street));
    const [west, south, east, north] = boxes_of(door)[0]!.split(",").map(Number);
    expect(east! - west!).toBeCloseTo(0.703, 3);
    expect(south!).toBeLessThan(48.8);
    expect(north!).toBeGreaterThan(48.8501);
  });

  it("cover a view over their border", () => {
    expect(boxes_of({ west: 2.8, south: 48.85, east: 2.9, north: 48.86 })).toHaveLength(2);
  });
});

describe("the layer of flags", () => {
  it("asks for nothing before it is wished for", async () => {
    map.panBy([10, 10], { animate: false });
    expect(fetched).not.toHaveBeenCalled();
    await layer.show(true);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(on_words).toHaveBeenLastCalledWith("2 shown.");
  });

  it("shows named, focusable signs, and takes them away again", async () => {
    await layer.show(true);
    expect(marks().map((mark) => mark.getAttribute("aria-label"))).toEqual([
      "Car park under surveillance", "Speed is checked here",
    ]);
    expect(marks().every((mark) => mark.tabIndex === 0)).toBe(true);
    await layer.show(false);
    expect(marks()).toEqual([]);
    expect(on_words).toHaveBeenLastCalledWith("");
  });

  it("asks for each box once, and again for one that failed", async () => {
    fetched.mockImplementationOnce(async () => new Response("", { status: 503 }));
    await layer.show(true);
    expect(on_words).toHaveBeenLastCalledWith("0 shown. A part did not load.");
    await layer.show(true);
    await layer.show(true);
    expect(fetched).toHaveBeenCalledTimes(2);
  });

  it("says that one has to zoom in, and asks for nothing then", async () => {
    map.setZoom(9, { animate: false });
    await layer.show(true);
    expect(fetched).not.toHaveBeenCalled();
    expect(on_words).toHaveBeenLastCalledWith("Zoom in to see them.");
  });
});

describe("a flag's words", () => {
  it("name what is checked", () => {
    const words = (enforcement: string): string => flag_words({ ...RULE, tags: { enforcement } });
    expect(words("traffic_signals")).toBe("Red lights are checked here");
    expect(words("average_speed")).toBe("Average speed is checked here");
    expect(words("something else")).toBe("Traffic rules are checked here");
  });

  it("are text, whatever a tag holds, and lead to OpenStreetMap alone", () => {
    const popup = popup_of_flag({ ...RULE, tags: { maxspeed: "<img src=x>" }, url: "javascript:x" });
    expect(popup.querySelector("img")).toBeNull();
    expect(popup.textContent).toContain("Limit: <img src=x>");
    expect(popup.querySelector("a")!.hasAttribute("href")).toBe(false);
    expect(popup_of_flag(PARK).querySelector("a")!.href).toBe(PARK.url);
  });
});
