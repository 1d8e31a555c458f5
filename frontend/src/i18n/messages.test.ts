// @vitest-environment happy-dom
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";

import { forget_catalogue, say, say_count, say_list, say_measure } from "./messages";

function page(language: string, catalogue: Record<string, string | string[]>): void {
  document.documentElement.lang = language;
  document.body.innerHTML = '<script type="application/json" id="messages"></script>';
  document.getElementById("messages")!.textContent = JSON.stringify(catalogue);
  forget_catalogue();
}

const FRENCH = {
  "": "00" + "1".repeat(198), "Zoom in": "Zoomer",
  "{count} device": ["{count} appareil", "{count} appareils"],
};

beforeEach(() => page("fr", FRENCH));

describe("messages", () => {
  it("says the page's words, and English where a translation is missing", () => {
    expect(say("Zoom in")).toBe("Zoomer");
    expect(say("Zoom out")).toBe("Zoom out");
  });

  it("takes the plural of the page's language: nought is singular in French", () => {
    expect(say_count("{count} device", "{count} devices", 0)).toBe("0 appareil");
    expect(say_count("{count} device", "{count} devices", 1234)).toMatch(/^1\s234 appareils$/);
    page("en", {});
    expect(say_count("{count} device", "{count} devices", 0)).toBe("0 devices");
  });

  it("knows as many plural forms as the language has, for any number", () => {
    // Of Russian: 1 and 21, 2 to 4, all others.
    const form = (n: number): string =>
      n % 10 === 1 && n % 100 !== 11 ? "0" : n % 10 >= 2 && n % 10 <= 4 && (n % 100 < 12 || n % 100 > 14) ? "1" : "2";
    const table = Array.from({ length: 200 }, (_, n) => form(n)).join("");
    page("ru", { "": table, one: ["a", "b", "c"] });
    const said = [1, 2, 5, 11, 21, 112, 1001, 1002, 1011, 5112].map((n) => say_count("one", "many", n));
    expect(said).toEqual(["a", "b", "c", "c", "a", "c", "a", "b", "c", "c"]);
  });

  it("keeps what is filled in apart where the page runs from right to left", () => {
    document.documentElement.dir = "rtl";
    expect(say("{name} is here", { name: "a.jpg" })).toBe("\u2068a.jpg\u2069 is here");
    document.documentElement.dir = "";
  });

  it("writes a measure as the language does", () => {
    expect(say_measure(3.2, "megabyte")).toMatch(/^3,2\sMo$/);
  });

  it("joins a list as a sentence does", () => {
    expect(say_list(["nord", "sud"])).toBe("nord et sud");
  });

  it("fills only what it is given", () => {
    expect(say("{a} and {b}", { a: "x" })).toBe("x and {b}");
  });
});

describe("the catalogue of mapper/web/messages.py", () => {
  it("holds exactly the texts that the sources say", () => {
    const folder = "frontend/src";
    const said = new Set<string>();
    for (const name of readdirSync(folder, { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
      const source = readFileSync(join(folder, name), "utf8");
      for (const [, first, second] of source.matchAll(
        /\bsay(?:_count)?\(\s*"((?:[^"\\]|\\.)+)"(?:,\s*"((?:[^"\\]|\\.)+)")?/g,
      )) {
        for (const text of [first, second]) if (text) said.add(text);
      }
    }
    const module = readFileSync("mapper/web/messages.py", "utf8");
    const single = /gettext_noop\(\s*"((?:[^"\\]|\\.)+)"/g;
    const plural = /ngettext\(\s*"((?:[^"\\]|\\.)+)",\s*"((?:[^"\\]|\\.)+)"/g;
    const listed = [...module.matchAll(single), ...module.matchAll(plural)].flatMap(([, ...texts]) => texts);
    expect([...new Set(listed)].sort()).toEqual([...said].sort());
  });
});
