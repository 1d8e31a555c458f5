import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import {
  bbox_of, lattice, quarter_around, quarter_between, quarter_text, resized, sheet_at, sheet_count, size_m,
} from "./sheets";

interface Case {
  readonly lon: number;
  readonly lat: number;
  readonly x: number;
  readonly y: number;
  readonly quarter: string;
}

const { sheets } = JSON.parse(readFileSync("fixtures/cases/walk_sheets.json", "utf8")) as {
  sheets: Case[];
};

describe("sheets", () => {
  it.each(sheets)("are those of the server at $lon, $lat", ({ lon, lat, x, y, quarter }) => {
    const sheet = sheet_at({ lon, lat });
    expect(sheet).toEqual({ x, y });
    expect(quarter_text({ first: sheet, last: sheet })).toBe(quarter);
  });

  it("lie between two corners, whichever", () => {
    const quarter = quarter_between({ x: 5, y: 9 }, { x: 7, y: 8 });
    expect(quarter).toEqual({ first: { x: 5, y: 8 }, last: { x: 7, y: 9 } });
    expect(sheet_count(quarter)).toBe(6);
    expect(quarter_between(quarter.last, quarter.first)).toEqual(quarter);
  });

  it("are two by two around a place, which lies near their middle", () => {
    const place = { lon: 24.9412, lat: 60.1699 };
    const quarter = quarter_around(place);
    const { west, south, east, north } = bbox_of(quarter);
    expect(sheet_count(quarter)).toBe(4);
    expect((place.lon - west) / (east - west)).toBeGreaterThanOrEqual(0.25);
    expect((place.lon - west) / (east - west)).toBeLessThanOrEqual(0.75);
    expect((place.lat - south) / (north - south)).toBeGreaterThanOrEqual(0.25);
    expect((place.lat - south) / (north - south)).toBeLessThanOrEqual(0.75);
  });

  it("become more and less, never none", () => {
    const one = { first: { x: 5, y: 8 }, last: { x: 5, y: 8 } };
    expect(sheet_count(resized(one, 1))).toBe(4);
    expect(resized(one, -1)).toEqual(one);
    expect(resized(resized(one, 1), -1)).toEqual(one);
  });

  it("are some 400 m wide in France", () => {
    const { across, down } = size_m(quarter_around({ lon: -1.68, lat: 48.11 }));
    expect(across).toBeGreaterThan(790);
    expect(across).toBeLessThan(830);
    expect(down).toBe(across);
  });

  it("have lines between them only where one can tell them apart", () => {
    const box = { west: 2.3, south: 48.8, east: 2.31, north: 48.81 };
    expect(lattice(box, 40).length).toBeGreaterThan(5);
    expect(lattice({ west: 0, south: 40, east: 10, north: 50 }, 40)).toEqual([]);
  });
});
