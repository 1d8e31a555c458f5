// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";

import { fitted, shrunk } from "./shrink";

describe("a photo before it travels", () => {
  it("fits into 2016 px and never grows", () => {
    expect(fitted(4032, 3024)).toEqual({ width: 2016, height: 1512 });
    expect(fitted(3024, 4032)).toEqual({ width: 1512, height: 2016 });
    expect(fitted(800, 600)).toEqual({ width: 800, height: 600 });
  });

  it("stays as it is where pixels can't be read back", async () => {
    const file = new File([new Uint8Array(2_000_000)], "a.jpg", { type: "image/jpeg" });
    expect(await shrunk(file)).toBe(file);
  });
});
