import { describe, expect, it } from "vitest";

import { all_at_hand, pages_of } from "./pages";

const page = (...files: string[]): string =>
  files.map((file) => `<script type="module" src="${file}"></script>`).join("\n");

describe("all_at_hand", () => {
  it("takes a page of this build, and none of a newer one", () => {
    const files = ["/static/assets/a.1.js", "/static/assets/b.1.css"];
    expect(all_at_hand(page("/static/assets/a.1.js"), files)).toBe(true);
    expect(all_at_hand(page("/static/assets/a.1.js", "/static/assets/a.2.js"), files)).toBe(false);
    expect(all_at_hand('<link rel="stylesheet" href="/static/assets/b.2.css">', files)).toBe(false);
    expect(all_at_hand('<a href="/en/report/">', [])).toBe(true);
  });
});

describe("pages_of", () => {
  it("gives the walker's road in each language, and nothing of anybody", () => {
    const pages = pages_of(["", "/en", "/ar"]);
    expect(pages).toHaveLength(9);
    for (const path of pages) expect(path).toMatch(/^(?:\/en|\/ar)?\/(?:report|report\/queue|safety)\/$/);
  });
});
