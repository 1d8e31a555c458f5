import { describe, expect, it } from "vitest";

import { between, middle, moved, resized, step_px } from "./box_edits";

const size = { width: 2016, height: 1512 };
const box = { left: 32, top: 16, right: 96, bottom: 80 };

describe("a box", () => {
  it("begins in the middle", () => {
    expect(middle(size, 0.25)).toEqual({ left: 756, top: 567, right: 1260, bottom: 945 });
  });

  it("moves up to the edge of the photo and keeps its size", () => {
    expect(moved(box, -48, 48, size)).toEqual({ left: 0, top: 64, right: 64, bottom: 128 });
    expect(moved(box, 9999, 9999, size)).toEqual({ left: 1952, top: 1448, right: 2016, bottom: 1512 });
  });

  it("grows and shrinks at its lower right corner, never to nothing", () => {
    expect(resized(box, 48, -9999, size)).toEqual({ left: 32, top: 16, right: 144, bottom: 32 });
    expect(resized(box, 9999, 9999, size)).toEqual({ ...box, right: 2016, bottom: 1512 });
  });

  it("lies between two corners, whichever came first, inside the photo", () => {
    expect(between([90.5, 200], [10.5, -5], size)).toEqual({ left: 10, top: 0, right: 91, bottom: 200 });
  });

  it("steps in whole blocks", () => {
    expect(step_px(size)).toBe(48);
    expect(step_px({ width: 64, height: 48 })).toBe(16);
  });
});
