// @vitest-environment happy-dom
import { expect, it } from "vitest";

import { distance_m } from "./sphere";
import { moved_by_key } from "./pin";

it("arrow keys move a pin by a metre, with Shift by ten", () => {
  const at = { lon: 2.3, lat: 48.85 };
  expect(distance_m(at, moved_by_key(at, "ArrowUp", false)!)).toBeCloseTo(1, 3);
  expect(distance_m(at, moved_by_key(at, "ArrowLeft", true)!)).toBeCloseTo(10, 3);
  expect(moved_by_key(at, "ArrowLeft", true)!.lon).toBeLessThan(at.lon);
  expect(moved_by_key(at, "a", false)).toBeNull();
});
