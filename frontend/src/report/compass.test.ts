import { describe, expect, it } from "vitest";

import { facing_octant, heading_deg } from "./compass";

describe("the compass", () => {
  it("reads Apple's heading, and Android's where it is absolute", () => {
    expect(heading_deg({ webkitCompassHeading: 90, webkitCompassAccuracy: 10 })).toBe(90);
    expect(heading_deg({ alpha: 90, absolute: true })).toBe(270);
    expect(heading_deg({ alpha: 0, absolute: true })).toBe(0);
    expect(heading_deg({ alpha: 0, absolute: true }, 90)).toBe(90);
  });

  it("has no heading without north", () => {
    expect(heading_deg({ alpha: 90, absolute: false })).toBeNull();
    expect(heading_deg({ alpha: null, absolute: true })).toBeNull();
    expect(heading_deg({ webkitCompassHeading: 90, webkitCompassAccuracy: -1 })).toBeNull();
    expect(heading_deg({ webkitCompassHeading: 90, webkitCompassAccuracy: 60 })).toBeNull();
  });

  it("says that a camera looks about back at whoever points at it", () => {
    expect(facing_octant(225)).toBe("NE");
    expect(facing_octant(0)).toBe("S");
    expect(facing_octant(190)).toBe("N");
  });
});
