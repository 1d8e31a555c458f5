/** The text of a geometry field: GeoJSON or (E)WKT in, a point out in the form it came in. */

import type { Geometry } from "geojson";

import type { Position } from "../map/leaflet_border";

const WKT_POINT = /^\s*(SRID=4326;)?\s*POINT\s*\(\s*(\S+)\s+(\S+?)\s*\)\s*$/i;

/** The geometry of a text; null where it is empty or not understood. */
export function read_geometry(text: string): Geometry | null {
  const point = WKT_POINT.exec(text);
  if (point) {
    const coordinates = [Number(point[2]), Number(point[3])];
    return coordinates.every(Number.isFinite) ? { type: "Point", coordinates } : null;
  }
  try {
    const value = JSON.parse(text) as Geometry | null;
    return value && typeof value === "object" && "type" in value ? value : null;
  } catch {
    return null;
  }
}

/** Write a point as the text before was written; GeoJSON where there was none. */
export function write_point({ lon, lat }: Position, before: string): string {
  const [x, y] = [lon, lat].map((value) => Number(value.toFixed(7)));
  const wkt = WKT_POINT.exec(before);
  if (wkt) return `${wkt[1] ?? ""}POINT (${x} ${y})`;
  return JSON.stringify({ type: "Point", coordinates: [x, y] });
}
