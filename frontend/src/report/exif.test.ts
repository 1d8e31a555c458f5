import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

import { read_photo_facts } from "./exif";

const photo = (name: string): Blob => new Blob([readFileSync(`fixtures/photos/${name}`)]);

describe("what a photo says, read on the phone", () => {
  it("finds place, direction, day and the names of the rest", async () => {
    const facts = await read_photo_facts(photo("phone.jpg"));
    expect(facts.position!.lat).toBeCloseTo(60.171543, 5);
    expect(facts.position!.lon).toBeCloseTo(24.940731, 5);
    expect(facts.position!.accuracy_m).toBeCloseTo(4, 3);
    expect(facts.direction_deg).toBeCloseTo(123.5, 3);
    expect(facts.day).toMatch(/^20\d\d-\d\d-\d\d$/);
    expect(facts.carried).toEqual(expect.arrayContaining([
      "position", "direction", "capture_time", "serial_number", "xmp", "iptc",
    ]));
  });

  it("says the accuracy of a blurred fix, for the pin to refuse it", async () => {
    const { position } = await read_photo_facts(photo("blurred_fix.jpg"));
    expect(position!.accuracy_m).toBeCloseTo(120, 3);
  });

  it("is silent where the photo is", async () => {
    const facts = await read_photo_facts(photo("no_position.jpg"));
    expect(facts.position).toBeNull();
    expect(facts.carried).not.toContain("position");
    expect((await read_photo_facts(new Blob([]))).carried).toEqual([]);
  });

  it("breaks on no file that is cut short or damaged", async () => {
    const whole = readFileSync("fixtures/photos/phone.jpg");
    for (let length = 0; length < 1500; length += 7) {
      await read_photo_facts(new Blob([whole.subarray(0, length)]));
    }
    for (let at = 20; at < 900; at += 1) {
      const damaged = Uint8Array.from(whole);
      damaged[at] = 255;
      const { position } = await read_photo_facts(new Blob([damaged]));
      if (position) expect(Math.abs(position.lat)).toBeLessThanOrEqual(90);
    }
  });
});
