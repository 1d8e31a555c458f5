import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { reference_of, share_of } from "./grid";

interface Case {
  readonly x: number;
  readonly y: number;
  readonly ninths: number;
  readonly text: string;
}

const { references, refused } = JSON.parse(
  readFileSync("fixtures/cases/walk_sheets.json", "utf8"),
) as { references: Case[]; refused: string[] };

describe("references", () => {
  it.each(references)("write $x, $y as $text", ({ x, y, ninths, text }) => {
    expect(reference_of({ x, y }, ninths)).toBe(text);
    const back = share_of(text)!;
    expect(Math.abs(back.x - x)).toBeLessThanOrEqual(0.5 / (10 * 3 ** ninths) + 1e-9);
    expect(Math.abs(back.y - y)).toBeLessThanOrEqual(0.5 / (10 * 3 ** ninths) + 1e-9);
  });

  it.each(refused)("refuse “%s”", (text) => expect(share_of(text)).toBeNull());

  it("are read however they are typed", () => {
    expect(share_of(" c47 ")).toEqual(share_of("C4.7"));
    expect(share_of("C-4,7")).toEqual(share_of("C4.7"));
  });
});
