/**
 * Which way does it look? The twin of `geo/direction.py`: the same grammar, the same golden cases
 * (`fixtures/cases/directions.json`). Degrees clockwise from true north.
 */

import { checked, DirectionError, rounded } from "./octants";

export { DirectionError, OCTANTS, octant_of, type Octant } from "./octants";

export const WINDS = [
  "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE",
  "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW",
] as const;
export type Wind = (typeof WINDS)[number];

/** What one head sees, clockwise; equal ends are a bearing of unknown width, 0 to 360 all round. */
export interface Arc {
  readonly from: number;
  readonly to: number;
}

export const ALL_ROUND: Arc = { from: 0, to: 360 };

const MAX_CHARACTERS = 255;
const DEGREES = /^[0-9]{1,3}(?:\.[0-9]{1,6})?$/;
const UNKNOWN_WORDS = new Set(["", "unknown", "inconnu", "inconnue"]);
const ALL_ROUND_WORDS = new Set(["360", "360°", "all round"]);
const WIND_DEG = new Map<string, number>(WINDS.map((wind, index) => [wind, index * 22.5]));
const WALKER_WIND_DEG = new Map<string, number>([
  ...WIND_DEG,
  ...WINDS.map((wind, index): [string, number] => [wind.replaceAll("W", "O"), index * 22.5]),
]);

/** Make an arc; 0-360 and 0-359 go all round, another end of 360 is north. */
export function arc(from_deg: number, to_deg: number): Arc {
  const from = checked(from_deg);
  const to = checked(to_deg);
  if (from === 0 && (to === 360 || to === 359)) return ALL_ROUND;
  return { from: from % 360, to: to % 360 };
}

export function is_all_round(value: Arc): boolean {
  return value.to === 360;
}

/** The opening in degrees, in [0, 360]; 0 where only a bearing is known. */
export function width_deg(value: Arc): number {
  return is_all_round(value) ? 360 : rounded((value.to - value.from + 360) % 360);
}

/** The bearing of the middle, in [0, 360); null when it looks all round. */
export function center_deg(value: Arc): number | null {
  return is_all_round(value) ? null : rounded(value.from + width_deg(value) / 2) % 360;
}

/** The arcs that an OSM direction text states; never a guess. Throws `DirectionError`. */
export function parse_directions(text: string): Arc[] {
  return parsed(text, WIND_DEG);
}

/** The arcs that a walker typed, or null for "I don't know". Throws `DirectionError`. */
export function parse_walker_direction(text: string): Arc[] | null {
  const word = text.trim().toLowerCase();
  if (UNKNOWN_WORDS.has(word)) return null;
  if (ALL_ROUND_WORDS.has(word)) return [ALL_ROUND];
  return parsed(word.replace(/°$/, ""), WALKER_WIND_DEG);
}

/** The OSM text of arcs; parsing it gives the same arcs. */
export function format_directions(arcs: readonly Arc[]): string {
  return arcs
    .map(({ from, to }) => (from === to ? plain(from) : `${plain(from)}-${plain(to)}`))
    .join(";");
}

/** The nearest of the 16 winds; on the edge between two, the clockwise one. */
export function wind_of(bearing_deg: number): Wind {
  return WINDS[Math.floor(checked(bearing_deg) / 22.5 + 0.5) % 16] as Wind;
}

/** The arcs of a tile's `direction` property (JSON text); what is malformed is no direction. */
export function arcs_from_json(text: unknown): Arc[] {
  if (typeof text !== "string" || text === "") return [];
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value.map((item: Arc) => arc(item.from, item.to)) : [];
  } catch {
    return [];
  }
}

function parsed(text: string, winds: ReadonlyMap<string, number>): Arc[] {
  if ([...text].length > MAX_CHARACTERS) {
    throw new DirectionError(`Direction has more than ${MAX_CHARACTERS} characters.`);
  }
  return text.split(";").map((item) => parse_item(item.replace(/^ +| +$/g, ""), winds));
}

function parse_item(item: string, winds: ReadonlyMap<string, number>): Arc {
  const dash = item.indexOf("-");
  if (dash < 0) {
    const bearing = parse_bearing(item, winds);
    return arc(bearing, bearing);
  }
  const from = parse_bearing(item.slice(0, dash), winds);
  const to = parse_bearing(item.slice(dash + 1), winds);
  // 180-180 is how apps write a full turn.
  return from % 360 === to % 360 ? ALL_ROUND : arc(from, to);
}

function parse_bearing(end: string, winds: ReadonlyMap<string, number>): number {
  if (DEGREES.test(end)) return checked(Number(end));
  // toUpperCase makes two letters of "ß" and the like; none of that is a wind.
  const degrees = /^[A-Za-z]+$/.test(end) ? winds.get(end.toUpperCase()) : undefined;
  if (degrees === undefined) {
    throw new DirectionError(`Direction "${end}" is not understood.`);
  }
  return degrees;
}

function plain(degrees: number): string {
  return degrees.toFixed(6).replace(/\.?0+$/, "");
}
