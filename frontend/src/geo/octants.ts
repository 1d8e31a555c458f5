/** Bearings and the eight winds: what the first step of a report needs of `direction.ts`. */

export const OCTANTS = ["N", "NE", "E", "SE", "S", "SW", "W", "NW"] as const;
export type Octant = (typeof OCTANTS)[number];

/** A direction text is outside the grammar, or a bearing outside [0, 360]. */
export class DirectionError extends Error {}

export function rounded(degrees: number): number {
  return Math.round(degrees * 1e6) / 1e6;
}

export function checked(degrees: number): number {
  if (!(degrees >= 0 && degrees <= 360)) {
    throw new DirectionError(`Bearing ${degrees} is outside [0, 360].`);
  }
  return rounded(degrees);
}

/** The nearest of the 8 octants; on the edge between two, the clockwise one. */
export function octant_of(bearing_deg: number): Octant {
  return OCTANTS[Math.floor(checked(bearing_deg) / 45 + 0.5) % 8] as Octant;
}
