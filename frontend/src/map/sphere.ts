/** Distances on a sphere: for drawing, sorting and words only. */

import type { Position } from "./leaflet_border";

const EARTH_RADIUS_M = 6371008.8;

/** Where one stands after `distance_m` on `bearing_deg`. */
export function destination(from: Position, bearing_deg: number, distance_m: number): Position {
  const radians = Math.PI / 180;
  const angle = distance_m / EARTH_RADIUS_M;
  const lat = from.lat * radians;
  const end = Math.asin(
    Math.sin(lat) * Math.cos(angle) +
      Math.cos(lat) * Math.sin(angle) * Math.cos(bearing_deg * radians),
  );
  const turn = Math.atan2(
    Math.sin(bearing_deg * radians) * Math.sin(angle) * Math.cos(lat),
    Math.cos(angle) - Math.sin(lat) * Math.sin(end),
  );
  return { lon: from.lon + turn / radians, lat: end / radians };
}

/** Metres between two near points. */
export function distance_m(a: Position, b: Position): number {
  const radians = Math.PI / 180;
  const x = (b.lon - a.lon) * radians * Math.cos(((a.lat + b.lat) / 2) * radians);
  const y = (b.lat - a.lat) * radians;
  return Math.hypot(x, y) * EARTH_RADIUS_M;
}
