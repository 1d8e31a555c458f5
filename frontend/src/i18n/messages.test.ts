import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";

import { forget_catalogue, say, say_count, say_list } from "./messages";

function page(language: string, catalogue: Record<string, string>): void {
  document.documentElement.lang = language;
  document.body.innerHTML = '<script type="application/json" id="messages"></script>';
  document.getElementById("messages")!.textContent = JSON.stringify(catalogue);
  forget_catalogue();
}

beforeEach(() => page("fr", { "Zoom in": "Zoomer", "{count} device": "{count} appareil" }));

describe("messages", () => {
  it("says the page's words, and English where a translation is missing", () => {
    expect(say("Zoom in")).toBe("Zoomer");
    expect(say("Zoom out")).toBe("Zoom out");
  });

  it("takes the plural of the page's language: nought is singular in French", () => {
    expect(say_count("{count} device", "{count} devices", 0)).toBe("0 appareil");
    expect(say_count("{count} device", "{count} devices", 1234)).toMatch(/^1\s234 devices$/);
    page("en", {});
    expect(say_count("{count} device", "{count} devices", 0)).toBe("0 devices");
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
    const listed = [...module.matchAll(/gettext_noop\(\s*"((?:[^"\\]|\\.)+)"/g)].map(([, text]) => text);
    expect([...listed].sort()).toEqual([...said].sort());
  });
});
