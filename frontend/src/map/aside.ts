/**
 * An event stands in the middle of a wide area: where its sign would cover another, it steps aside,
 * so that each can be tapped. The page of the event draws the area itself.
 */

export interface Spot {
  readonly across_px: number;
  readonly down_px: number;
  readonly side_px: number;
}

export interface Step {
  readonly right_px: number;
  readonly below_px: number;
}

/** A finger's breadth between middles, as for devices. */
const LEAST_PX = 32;
const RINGS = 4;
/** Above first: what is below a sign is often its cone or its street. */
const WINDS = [-90, -45, -135, 0, 180, 45, 135, 90];

/** How far each event steps aside, in their order; the spots of `taken` stay. */
export function steps_aside(events: readonly Spot[], taken: readonly Spot[]): Step[] {
  const held = [...taken];
  return events.map((event) => {
    const step = [...candidates()].find((tried) => is_free(moved(event, tried), held));
    const chosen = step ?? { right_px: 0, below_px: 0 };
    held.push(moved(event, chosen));
    return chosen;
  });
}

function* candidates(): Generator<Step> {
  yield { right_px: 0, below_px: 0 };
  for (let ring = 1; ring <= RINGS; ring += 1) {
    for (const wind of WINDS) {
      const turned = (wind * Math.PI) / 180;
      yield {
        right_px: Math.round(Math.cos(turned) * LEAST_PX * ring),
        below_px: Math.round(Math.sin(turned) * LEAST_PX * ring),
      };
    }
  }
}

function moved(spot: Spot, step: Step): Spot {
  return {
    ...spot, across_px: spot.across_px + step.right_px, down_px: spot.down_px + step.below_px,
  };
}

function is_free(spot: Spot, held: readonly Spot[]): boolean {
  return held.every((other) => {
    const apart_px = Math.hypot(other.across_px - spot.across_px, other.down_px - spot.down_px);
    return apart_px >= Math.max(LEAST_PX, (other.side_px + spot.side_px) / 2) - 1;
  });
}
