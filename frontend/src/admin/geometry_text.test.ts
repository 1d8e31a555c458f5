import { describe, expect, it } from "vitest";

import { read_geometry, write_point } from "./geometry_text";

describe("the text of a geometry", () => {
  it("is read as GeoJSON, WKT or EWKT", () => {
    const point = { type: "Point", coordinates: [2.35, 48.85] };
    expect(read_geometry('{"type":"Point","coordinates":[2.35,48.85]}')).toEqual(point);
    expect(read_geometry("POINT (2.35 48.85)")).toEqual(point);
    expect(read_geometry("SRID=4326;POINT(2.35 48.85)")).toEqual(point);
    for (const text of ["", "null", "POINT (a b)", "{", "7"]) expect(read_geometry(text)).toBeNull();
  });

  it("is written as it came", () => {
    const at = { lon: 2.123456789, lat: 48 };
    expect(write_point(at, "SRID=4326;POINT (1 2)")).toBe("SRID=4326;POINT (2.1234568 48)");
    expect(write_point(at, "POINT (1 2)")).toBe("POINT (2.1234568 48)");
    expect(JSON.parse(write_point(at, ""))).toEqual({ type: "Point", coordinates: [2.1234568, 48] });
  });
});
