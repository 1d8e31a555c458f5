import { describe, expect, it } from "vitest";

import { contains, parse_bbox } from "./leaflet_border";

describe("places", () => {
  it("read a box of four numbers in order and nothing else", () => {
    expect(parse_bbox("2.2, 48.8,2.4,48.9")).toEqual({ west: 2.2, south: 48.8, east: 2.4, north: 48.9 });
    for (const text of [undefined, "", "1,2,3", "1,2,3,4,5", "a,b,c,d", "2,3,1,4", "1,4,2,3", ",,,"]) {
      expect(parse_bbox(text)).toBeNull();
    }
  });

  it("are found in a box that runs past 180 degrees", () => {
    const box = { west: 170, south: -10, east: 190, north: 10 };
    expect(contains(box, { lon: -175, lat: 0 })).toBe(true);
    expect(contains(box, { lon: 160, lat: 0 })).toBe(false);
    expect(contains(box, { lon: 175, lat: 11 })).toBe(false);
  });
});
