import { describe, expect, it } from "vitest";

import { turned } from "./turning";

describe("turning a direction", () => {
  it.each([
    ["90", 5, "95"],
    ["355", 5, "0"],
    ["0", -5, "355"],
    ["92", 5, "95"],
    ["45-135", 5, "50-140"],
    ["350-10", 15, "5-25"],
    ["90;180", -5, "85;175"],
    ["0-360", 5, "0-360"],
  ])("%s by %i is %s", (text, by_deg, result) => {
    expect(turned(text, by_deg, 0)).toBe(result);
  });

  it("begins at the photo's direction where nothing is said", () => {
    expect(turned("", 5, 87.4)).toBe("85");
    expect(turned("nonsense", -5, 0)).toBe("0");
  });
});
