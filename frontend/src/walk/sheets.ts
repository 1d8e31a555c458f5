/** Sheets of the walk kit: squares of the web map's zoom 16, as `geo/walk_sheets.py` counts them. */

import type { Bbox, Position } from "../map/leaflet_border";

export const SHEET_ZOOM = 16;
const COUNT = 2 ** SHEET_ZOOM;
const EQUATOR_M = 40_075_016.686;

export interface Sheet {
  readonly x: number;
  readonly y: number;
}

/** A rectangle of sheets, both corners included. */
export interface Quarter {
  readonly first: Sheet;
  readonly last: Sheet;
}

export function sheet_at({ lon, lat }: Position): Sheet {
  const radians = (lat * Math.PI) / 180;
  const y = (0.5 - Math.asinh(Math.tan(radians)) / (2 * Math.PI)) * COUNT;
  return { x: within(Math.floor(((lon + 180) / 360) * COUNT)), y: within(Math.floor(y)) };
}

/** The quarter between two sheets, whichever corners they are. */
export function quarter_between(one: Sheet, other: Sheet): Quarter {
  return {
    first: { x: Math.min(one.x, other.x), y: Math.min(one.y, other.y) },
    last: { x: Math.max(one.x, other.x), y: Math.max(one.y, other.y) },
  };
}

/** Two by two sheets with a position near their middle. */
export function quarter_around(position: Position): Quarter {
  const sheet = sheet_at(position);
  const box = bbox_of({ first: sheet, last: sheet });
  const left = position.lon < (box.west + box.east) / 2 ? 1 : 0;
  const up = position.lat > (box.south + box.north) / 2 ? 1 : 0;
  const first = { x: within(sheet.x - left), y: within(sheet.y - up) };
  return { first, last: { x: within(first.x + 1), y: within(first.y + 1) } };
}

export function sheet_count({ first, last }: Quarter): number {
  return (last.x - first.x + 1) * (last.y - first.y + 1);
}

/** The quarter with one column and one row more, or less; it never vanishes. */
export function resized({ first, last }: Quarter, step: 1 | -1): Quarter {
  const end = { x: within(last.x + step), y: within(last.y + step) };
  return { first, last: { x: Math.max(first.x, end.x), y: Math.max(first.y, end.y) } };
}

export function bbox_of({ first, last }: Quarter): Bbox {
  return {
    west: lon_of(first.x), south: lat_of(last.y + 1),
    east: lon_of(last.x + 1), north: lat_of(first.y),
  };
}

/** The quarter as the kit's address writes it. */
export function quarter_text(quarter: Quarter): string {
  const { west, south, east, north } = bbox_of(quarter);
  return [west, south, east, north].map((side) => side.toFixed(4)).join(",");
}

/** Width and height in metres, to ten. */
export function size_m(quarter: Quarter): { across: number; down: number } {
  const { first, last } = quarter;
  const { south, north } = bbox_of(quarter);
  const side_m = (EQUATOR_M / COUNT) * Math.cos((((south + north) / 2) * Math.PI) / 180);
  const to_ten = (sheets: number): number => Math.round((sheets * side_m) / 10) * 10;
  return { across: to_ten(last.x - first.x + 1), down: to_ten(last.y - first.y + 1) };
}

/** The lines between sheets in a part of the map, as pairs of ends; none where there are too many. */
export function lattice({ west, south, east, north }: Bbox, most: number): [Position, Position][] {
  const first = sheet_at({ lon: west, lat: north });
  const last = sheet_at({ lon: east, lat: south });
  if (last.x - first.x > most || last.y - first.y > most) return [];
  const lines: [Position, Position][] = [];
  for (let x = first.x; x <= last.x + 1; x += 1) {
    lines.push([{ lon: lon_of(x), lat: north }, { lon: lon_of(x), lat: south }]);
  }
  for (let y = first.y; y <= last.y + 1; y += 1) {
    lines.push([{ lon: west, lat: lat_of(y) }, { lon: east, lat: lat_of(y) }]);
  }
  return lines;
}

function within(number: number): number {
  return Math.min(Math.max(number, 0), COUNT - 1);
}

function lon_of(x: number): number {
  return (x / COUNT) * 360 - 180;
}

function lat_of(y: number): number {
  return (Math.atan(Math.sinh((0.5 - y / COUNT) * 2 * Math.PI)) * 180) / Math.PI;
}
