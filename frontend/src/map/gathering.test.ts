import { describe, expect, it } from "vitest";

import type { Cluster, Device } from "./devices";
import { gather, size_px } from "./gathering";

function devices(count: number): Device[] {
  return Array.from({ length: count }, (_, index) => ({
    id: String(index), kind: "camera", camera_type: "", status: "active", name: "",
    verification: "verified", arcs: [], last_seen: "",
    lon: 2.3 + (index % 100) * 1e-4, lat: 48.85 + Math.floor(index / 100) * 1e-4,
  }));
}

describe("gathering", () => {
  it("leaves devices alone that can be told apart", () => {
    const few = devices(5).map((device, index) => ({ ...device, lon: 2.3 + index * 0.001 }));
    expect(gather(few, [], 17)).toEqual({ devices: few, clusters: [] });
  });

  it("makes one ring of signs that would cover each other, and keeps them known", () => {
    const pole = devices(3).map((device) => ({ ...device, lon: 2.3, lat: 48.85 }));
    const { devices: alone, clusters } = gather([...pole, ...devices(1).map((other) => ({ ...other, id: "far", lon: 2.31 }))], [], 19);
    expect(alone.map(({ id }) => id)).toEqual(["far"]);
    expect(clusters[0]).toMatchObject({ count: 3, members: pole });
  });

  it("never leaves more than 400 objects, and loses no device", () => {
    for (const count of [401, 3000, 10_000]) {
      for (const zoom of [15, 17, 20]) {
        const gathered = gather(devices(count), [], zoom);
        expect(gathered.devices.length + gathered.clusters.length).toBeLessThanOrEqual(400);
        const held = gathered.clusters.reduce((sum, cluster) => sum + cluster.count, 0);
        expect(held + gathered.devices.length).toBe(count);
      }
    }
  });

  it("merges the server's clusters where their rings would touch, and leaves the rest", () => {
    const at = (id: string, lon: number, count: number): Cluster => ({
      id, lon, lat: 48.85, count, bbox: { west: lon, south: 48.84, east: lon + 0.01, north: 48.86 },
    });
    const { devices: alone, clusters } = gather(devices(1), [at("a", 2.3, 20), at("b", 2.302, 9), at("c", 2.5, 4)], 12);
    expect(alone).toEqual([]);
    expect(clusters.map(({ count }) => count)).toEqual([30, 4]);
    expect(clusters[0]).toMatchObject({ lon: 2.3, bbox: { west: 2.3, east: 2.312 } });
    expect(clusters[0]!.members).toBeUndefined();
  });

  it("leaves no two rings touching", () => {
    const { clusters, devices: alone } = gather(devices(3000), [], 15);
    const world_px = 256 * 2 ** 15;
    const marks = [...clusters.map(({ lon, lat, count }) => ({ lon, lat, count })), ...alone.map(({ lon, lat }) => ({ lon, lat, count: 1 }))];
    for (const a of marks) {
      for (const b of marks) {
        if (a === b) continue;
        const across = ((a.lon - b.lon) / 360) * world_px;
        const down = ((a.lat - b.lat) / 360 / Math.cos((48.85 * Math.PI) / 180)) * world_px;
        const needed = (size_px(a.count) + size_px(b.count)) / 2;
        expect(Math.hypot(across, down)).toBeGreaterThan(needed - 0.5);
      }
    }
  });

  it("draws a ring that grows with the logarithm of its count", () => {
    const [ten, hundred, thousand] = [10, 100, 1000].map(size_px);
    expect(hundred! - ten!).toBe(thousand! - hundred!);
  });

  it("ends where all stand on one point", () => {
    const heap = devices(500).map((device) => ({ ...device, lon: 2.3, lat: 48.8 }));
    const { clusters } = gather(heap, [], 20);
    expect(clusters).toHaveLength(1);
    expect(clusters[0]).toMatchObject({ count: 500 });
    expect(clusters[0]!.lon).toBeCloseTo(2.3, 9);
  });
});
