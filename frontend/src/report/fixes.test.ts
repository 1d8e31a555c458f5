// @vitest-environment happy-dom
import { afterEach, describe, expect, it, vi } from "vitest";

import { better_fix, Fixes, is_good, type Fix } from "./fixes";

const fix = (accuracy_m: number, at_ms = 0): Fix => ({ lon: 2, lat: 48, accuracy_m, at_ms });

afterEach(() => vi.unstubAllGlobals());

describe("the best fix", () => {
  it("is the most accurate one, until it is stale", () => {
    expect(better_fix(null, fix(80))).toEqual(fix(80));
    expect(better_fix(fix(12), fix(30, 1000)).accuracy_m).toBe(12);
    expect(better_fix(fix(12), fix(8, 1000)).accuracy_m).toBe(8);
    expect(better_fix(fix(12), fix(30, 31_000)).accuracy_m).toBe(30);
    expect(better_fix(fix(12), fix(NaN, 1000)).accuracy_m).toBe(12);
  });

  it("places the pin up to 50 m only", () => {
    expect([is_good(fix(50)), is_good(fix(50.1)), is_good(fix(NaN)), is_good(null)]).toEqual([
      true, false, false, false,
    ]);
  });

  it("asks the browser only once it is begun, and says why there is none", () => {
    const asked: PositionErrorCallback[] = [];
    const clearWatch = vi.fn();
    vi.stubGlobal("navigator", { geolocation: {
      watchPosition: (_: PositionCallback, fail: PositionErrorCallback) => asked.push(fail), clearWatch,
    } });
    const tell = vi.fn();
    const fixes = new Fixes(tell);
    expect(asked).toEqual([]);
    fixes.begin();
    fixes.begin();
    expect(asked.length).toBe(1);
    expect(fixes.is_looking).toBe(true);
    asked[0]!({ code: 1, PERMISSION_DENIED: 1 } as GeolocationPositionError);
    expect(fixes.problem).toBe("denied");
    expect(clearWatch).toHaveBeenCalledOnce();
    fixes.begin();
    expect(asked.length).toBe(2);
    fixes.end();
  });
});
