import { describe, expect, it } from "vitest";

import { steps_aside, type Spot } from "./aside";

const at = (across_px: number, down_px: number, side_px = 24): Spot => ({ across_px, down_px, side_px });

describe("stepping aside", () => {
  it("leaves an event where nothing is covered", () => {
    expect(steps_aside([at(100, 100)], [at(150, 100)])).toEqual([{ right_px: 0, below_px: 0 }]);
  });

  it("parts an event from a device, a ring and another event by a finger's breadth", () => {
    const taken = [at(100, 100), at(110, 70, 60)];
    const events = [at(100, 100), at(101, 99), at(100, 100)];
    const steps = steps_aside(events, taken);
    const stand = [
      ...taken,
      ...events.map((event, index) =>
        at(event.across_px + steps[index]!.right_px, event.down_px + steps[index]!.below_px)),
    ];
    for (const [index, one] of stand.entries()) {
      for (const other of stand.slice(index + 1)) {
        if (taken.includes(one) && taken.includes(other)) continue;
        const apart = Math.hypot(one.across_px - other.across_px, one.down_px - other.down_px);
        expect(apart).toBeGreaterThanOrEqual(31);
      }
    }
  });

  it("stays where no room is left", () => {
    const crowd = Array.from({ length: 900 }, (_, n) => at((n % 30) * 12, Math.floor(n / 30) * 12));
    expect(steps_aside([at(180, 180)], crowd)).toEqual([{ right_px: 0, below_px: 0 }]);
  });
});
