// @vitest-environment happy-dom
import { describe, expect, it } from "vitest";

import golden from "../../../fixtures/cases/reports.json";
import { is_picture, problems_of, problems_of_fields } from "./checks";

const PLACE = { lat: "48.11", lon: "-1.68" };
const JPEG = new Blob([Uint8Array.of(0xff, 0xd8, 0xff, 0xe0)]);

describe("problems_of_fields", () => {
  it.each(golden.cases)("refuses what the server refuses: %j", ({ fields, refused }) => {
    const said = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
    const problems = problems_of_fields(said as Record<string, string>, new Date(golden.now));
    expect(Object.keys(problems).sort()).toEqual(refused);
  });
});

describe("problems_of", () => {
  it("takes six photos and no seventh", async () => {
    expect(await problems_of(PLACE, Array(6).fill(JPEG))).toEqual({});
    expect(await problems_of(PLACE, Array(7).fill(JPEG))).toHaveProperty("photos");
  });

  it("refuses a photo of more than 20 MB and what is no photo", async () => {
    const large = new Blob([JPEG, new Uint8Array(20_000_000)]);
    expect(await problems_of(PLACE, [large])).toHaveProperty("photos");
    expect(await problems_of(PLACE, [new Blob(["<html>"])])).toHaveProperty("photos");
    expect(await problems_of(PLACE, [new Blob([])])).toHaveProperty("photos");
  });
});

describe("is_picture", () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(text, (c) => c.charCodeAt(0));
  it.each([
    ["\xff\xd8\xff\xe1", true], ["\x89PNG\r\n", true], ["RIFF\0\0\0\0WEBPVP8 ", true],
    ["\0\0\0\x18ftypheic", true], ["\0\0\0\x18ftypmif1", true],
    ["GIF89a", false], ["RIFF\0\0\0\0WAVE", false], ["\0\0\0\x18ftypisom", false], ["", false],
  ])("knows %j", (text, is) => expect(is_picture(bytes(text))).toBe(is));
});
