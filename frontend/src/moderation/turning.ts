/** Turns what a direction field says, in steps of five degrees. */

import { arc, format_directions, is_all_round, parse_directions, type Arc } from "../geo/direction";

export const STEP_DEG = 5;

/**
 * A direction text turned by some degrees. Where it says nothing, `start_deg` (the photo's own
 * direction, or north) is where turning begins; all round stays all round.
 */
export function turned(text: string, by_deg: number, start_deg: number): string {
  const arcs = arcs_of(text);
  if (arcs.length === 0) return format_directions([bearing(start_deg)]);
  return format_directions(arcs.map((one) => (is_all_round(one) ? one : turned_arc(one, by_deg))));
}

function turned_arc({ from, to }: Arc, by_deg: number): Arc {
  return from === to ? bearing(from + by_deg) : arc(round_again(from + by_deg), round_again(to + by_deg));
}

/** A bearing on the grid of the steps. */
function bearing(degrees: number): Arc {
  const on_grid = round_again(Math.round(degrees / STEP_DEG) * STEP_DEG);
  return arc(on_grid, on_grid);
}

function round_again(degrees: number): number {
  return ((degrees % 360) + 360) % 360;
}

/** The arcs of a text; what is empty or malformed says nothing. */
export function arcs_of(text: string | undefined): Arc[] {
  try {
    return text ? parse_directions(text) : [];
  } catch {
    return [];
  }
}
