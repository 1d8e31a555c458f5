import { describe, expect, it } from "vitest";

import { destination, distance_m } from "./sphere";

const RENNES = { lon: -1.68, lat: 48.11 };

describe("distances", () => {
  it("walk out and back", () => {
    for (const bearing of [0, 45, 90, 200, 359]) {
      const there = destination(RENNES, bearing, 500);
      expect(distance_m(RENNES, there)).toBeCloseTo(500, 1);
    }
    expect(destination(RENNES, 0, 100).lat).toBeGreaterThan(RENNES.lat);
    expect(destination(RENNES, 90, 100).lon).toBeGreaterThan(RENNES.lon);
  });
});
