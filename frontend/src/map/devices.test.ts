import { describe, expect, it } from "vitest";

import { decode_tile } from "./devices";

// Made with mapbox_vector_tile (Python): two devices and a third in the buffer, a cluster of 23
// with its box and one of a single device, an event's area; extent 4096.
const TILE =
  "GvEBCgdkZXZpY2VzEhkSDgAAAQECAgMDBAQFBQYGGAEiBQmAIIAQEg8SBAAHAQEYASIFCYhAgBASCxICAAgYASID" +
  "CQAAGgJpZBoEa2luZBoLY2FtZXJhX3R5cGUaBnN0YXR1cxoMdmVyaWZpY2F0aW9uGglkaXJlY3Rpb24aCWxhc3Rf" +
  "c2VlbiIDCgFhIggKBmNhbWVyYSIGCgRkb21lIggKBmFjdGl2ZSIKCgh2ZXJpZmllZCIXChVbeyJmcm9tIjoxMCwi" +
  "dG8iOjUwfV0iCQoHMjAyNi0wNSIPCg1pbi10aGUtYnVmZmVyIgMKAWIogCB4AhqpAQoIY2x1c3RlcnMSFRIKAAAB" +
  "AQICAwMEBBgBIgUJgBCAIBIREgYABQUGBgcYASIFCfAugCAaBWNvdW50GgR3ZXN0GgVzb3V0aBoEZWFzdBoFbm9y" +
  "dGgaAmlkGgRraW5kIgIgFyIJGQAAAAAAAABAIgkZAAAAAAAASEAiCRkAAAAAAAAEQCIJGQAAAAAAQEhAIgIgASIH" +
  "CgVhbG9uZSIGCgRhbHByKIAgeAIaSAoGZXZlbnRzEhoSBAAAAQEYAyIQCdAPsDAaAJ8GkAMAAKAGDxoCaWQaBGtp" +
  "bmQiAwoBZSIOCgxkcm9uZV9mbGlnaHQogCB4Ag==";

function bytes_of(text: string): ArrayBuffer {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0)).buffer;
}

describe("a tile", () => {
  const marks = decode_tile(bytes_of(TILE), { z: 1, x: 1, y: 0 });

  it("gives its devices with place and direction, those of the buffer left to the next tile", () => {
    expect(marks.devices.map(({ id }) => id)).toEqual(["a", "b", "alone"]);
    const [dome, bare, alone] = marks.devices;
    expect(dome).toMatchObject({
      kind: "camera", camera_type: "dome", verification: "verified", last_seen: "2026-05",
      arcs: [{ from: 10, to: 50 }],
    });
    expect(dome!.lon).toBeCloseTo(90, 6);
    expect(dome!.lat).toBeCloseTo(79.1713, 3);
    expect(bare).toMatchObject({ kind: "unknown", status: "active", verification: "unverified" });
    expect(alone).toMatchObject({ kind: "alpr" });
    expect(bare!.lon).toBe(0);
    expect(bare!.lat).toBeCloseTo(85.0511, 4);
  });

  it("gives clusters with their count and box", () => {
    expect(marks.clusters).toHaveLength(1);
    expect(marks.clusters[0]).toMatchObject({
      count: 23, bbox: { west: 2, south: 48, east: 2.5, north: 48.5 },
    });
  });

  it("gives an event's area by its middle", () => {
    expect(marks.events[0]).toMatchObject({ id: "e", kind: "drone_flight" });
    expect(marks.events[0]!.lon).toBeCloseTo((1100 / 4096) * 180, 6);
  });

  it("of nothing is nothing", () => {
    const nothing = decode_tile(new ArrayBuffer(0), { z: 0, x: 0, y: 0 });
    expect(nothing).toEqual({ devices: [], clusters: [], events: [] });
  });
});
