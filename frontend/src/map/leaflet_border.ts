/** The border to Leaflet's lat-first world; nothing else swaps an axis. */

import type { LatLng, LatLngBounds, LatLngBoundsLiteral, LatLngTuple } from "leaflet";

export interface Position {
  readonly lon: number;
  readonly lat: number;
}

export interface Bbox {
  readonly west: number;
  readonly south: number;
  readonly east: number;
  readonly north: number;
}

export function to_leaflet({ lon, lat }: Position): LatLngTuple {
  return [lat, lon];
}

export function from_leaflet({ lng, lat }: LatLng): Position {
  return { lon: lng, lat };
}

export function bbox_to_leaflet({ west, south, east, north }: Bbox): LatLngBoundsLiteral {
  return [[south, west], [north, east]];
}

export function bbox_from_leaflet(bounds: LatLngBounds): Bbox {
  return {
    west: bounds.getWest(), south: bounds.getSouth(),
    east: bounds.getEast(), north: bounds.getNorth(),
  };
}

/** Read "west,south,east,north"; null where it is not four numbers in order. */
export function parse_bbox(text: string | undefined): Bbox | null {
  const numbers = (text ?? "").split(",").map((part) => (part.trim() === "" ? NaN : Number(part)));
  const [west, south, east, north] = numbers;
  if (numbers.length !== 4 || numbers.some((value) => !Number.isFinite(value))) return null;
  if (west! >= east! || south! >= north!) return null;
  return { west: west!, south: south!, east: east!, north: north! };
}

/** Whether a position lies in a box; Leaflet's boxes may run past 180, so a turn is tried. */
export function contains({ west, south, east, north }: Bbox, { lon, lat }: Position): boolean {
  const is_between = (value: number): boolean => west <= value && value <= east;
  const is_across = [lon, lon - 360, lon + 360].some(is_between);
  return is_across && south <= lat && lat <= north;
}
