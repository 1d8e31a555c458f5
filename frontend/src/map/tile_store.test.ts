import { afterEach, describe, expect, it, vi } from "vitest";

import { tiles_of, TileStore } from "./tile_store";

afterEach(() => vi.unstubAllGlobals());

const PARIS = { west: 2.2, south: 48.8, east: 2.4, north: 48.9 };

function answer(status: number): Response {
  return new Response(status === 204 ? null : new ArrayBuffer(0), { status });
}

describe("tiles of a view", () => {
  it("cover the box and no more", () => {
    expect(tiles_of(PARIS, 0)).toEqual([{ z: 0, x: 0, y: 0 }]);
    expect(tiles_of(PARIS, 10)).toEqual([{ z: 10, x: 518, y: 352 }]);
    expect(tiles_of(PARIS, 12)).toHaveLength(9);
  });

  it("are never finer than a quarter: which are asked for says where one looks", () => {
    const door = { west: 2.3521, south: 48.8561, east: 2.3523, north: 48.8562 };
    expect(tiles_of(door, 20)).toEqual(tiles_of(door, 16));
    expect(tiles_of(door, 20)).toHaveLength(1);
  });

  it("wrap past the antimeridian, each tile once", () => {
    const tiles = tiles_of({ west: 170, south: -1, east: 190, north: 1 }, 3);
    expect(new Set(tiles.map(({ x }) => x))).toEqual(new Set([7, 0]));
    expect(tiles_of({ west: -400, south: -80, east: 400, north: 80 }, 1)).toHaveLength(4);
  });

  it("stay in the world at the poles", () => {
    const tiles = tiles_of({ west: 0, south: -90, east: 1, north: 90 }, 2);
    expect(tiles.every(({ y }) => y >= 0 && y < 4)).toBe(true);
  });
});

describe("the tile store", () => {
  it("asks for each tile once, with the filter, and takes 204 for empty", async () => {
    const fetched = vi.fn(async () => answer(204));
    vi.stubGlobal("fetch", fetched);
    const store = new TileStore("/tiles/devices/{z}/{x}/{y}.mvt", "kind=camera");
    expect(await store.load(PARIS, 10)).toMatchObject({ devices: [], failed: 0 });
    await store.load(PARIS, 10);
    expect(fetched).toHaveBeenCalledTimes(1);
    expect(fetched).toHaveBeenCalledWith("/tiles/devices/10/518/352.mvt?kind=camera", {
      credentials: "omit",
    });
  });

  it("says how much is missing, and asks again the next time", async () => {
    const fetched = vi.fn(async () => answer(503));
    vi.stubGlobal("fetch", fetched);
    const store = new TileStore("/{z}/{x}/{y}", "");
    expect((await store.load(PARIS, 12)).failed).toBe(9);
    fetched.mockImplementation(async () => answer(204));
    expect((await store.load(PARIS, 12)).failed).toBe(0);
  });
});
