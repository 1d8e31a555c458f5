import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const source = readFileSync("frontend/src/ui/tokens.css", "utf8");
const [light_part, dark_part = ""] = source.split("@media (prefers-color-scheme: dark)");

function colours(part: string): Record<string, string> {
  return Object.fromEntries(
    [...part.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
  );
}

function luminance(colour: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const part = parseInt(colour.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** WCAG 2.2 contrast of two colours. */
function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

const light = colours(light_part!);
const dark = { ...light, ...colours(dark_part.split("@media")[0]!) };

describe.each([["light", light], ["dark", dark]])("%s colours", (_, token) => {
  const at = (name: string): string => {
    expect(token[name], name).toBeDefined();
    return token[name]!;
  };

  it("give text 7:1 on every surface", () => {
    for (const text of ["ink", "quiet", "watch", "source", "good", "care"]) {
      for (const surface of ["paper", "sheet", "wash"]) {
        expect(contrast(at(text), at(surface)), `${text} on ${surface}`).toBeGreaterThanOrEqual(7);
      }
    }
  });

  it("give the words of the primary action 7:1, hovered too", () => {
    expect(contrast(at("on-watch"), at("watch"))).toBeGreaterThanOrEqual(7);
    expect(contrast(at("on-watch"), at("watch-deep"))).toBeGreaterThanOrEqual(7);
  });

  it("bound controls at 3:1", () => {
    for (const surface of ["paper", "sheet", "wash"]) {
      expect(contrast(at("edge"), at(surface)), surface).toBeGreaterThanOrEqual(3);
    }
  });

  it("let signs and names stand out on the base map", () => {
    for (const ground of ["ground", "water", "green", "building", "road"]) {
      expect(contrast(at("watch"), at(`map-${ground}`)), ground).toBeGreaterThanOrEqual(4.5);
    }
    expect(contrast(at("map-label"), at("map-ground"))).toBeGreaterThanOrEqual(4.5);
  });
});

it("no style names a colour of its own", () => {
  for (const name of ["base", "layout", "forms", "components", "signs", "map", "report", "print"]) {
    const css = readFileSync(`frontend/src/ui/${name}.css`, "utf8");
    expect(css.match(/#[0-9a-f]{3,8}\b(?=[;\s)])/gi), name).toBeNull();
  }
});
