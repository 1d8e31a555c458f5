// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from "vitest";

import { forget_catalogue } from "../i18n/messages";
import { merged, problems_of } from "./photos";

const LIMITS = { photos: 6, bytes: 20_000_000 };

function file(name: string, size: number, type = "image/jpeg"): File {
  const made = new File(["x"], name, { type, lastModified: 1 });
  Object.defineProperty(made, "size", { value: size });
  return made;
}

beforeEach(() => {
  document.documentElement.lang = "en";
  forget_catalogue();
});

describe("photos before they are sent", () => {
  it("pass when they are few, small and readable", () => {
    expect(problems_of([file("a.jpg", 3_000_000), file("b.heic", 10, "")], LIMITS)).toEqual([]);
    expect(problems_of([], LIMITS)).toEqual([]);
  });

  it("are told the value, the rule and the remedy", () => {
    expect(problems_of([file("a.jpg", 24_100_000)], LIMITS)).toEqual([
      "a.jpg has more than 20 MB. Choose a smaller copy.",
    ]);
    expect(problems_of([file("a.pdf", 10, "application/pdf")], LIMITS)[0]).toMatch(/a\.pdf is no photo/);
    expect(problems_of([file("a.jpg", 0)], LIMITS)[0]).toMatch(/a\.jpg is no photo/);
    const seven = Array.from({ length: 7 }, (_, index) => file(`${index}.jpg`, 10));
    expect(problems_of(seven, LIMITS)[0]).toMatch(/^A report takes at most 6 photos/);
  });

  it("add up over several pickings, each once", () => {
    const first = file("a.jpg", 10);
    expect(merged([first], [file("a.jpg", 10), file("b.jpg", 10)]).map(({ name }) => name)).toEqual([
      "a.jpg", "b.jpg",
    ]);
  });
});
