/** Fetches the tiles of a view, each once; an empty tile is 204. */

import { decode_tile, NO_MARKS, type Marks, type TileAddress } from "./devices";
import type { Bbox } from "./leaflet_border";

const MAX_KEPT = 256;
/**
 * About 400 m wide in France. Finer tiles would hold nothing more, and which of them are asked for
 * would say where the walker stands.
 */
const MAX_TILE_ZOOM = 16;
const MAX_LATITUDE = 85.0511;

export interface Load extends Marks {
  /** How many tiles did not come: the view is not whole. */
  readonly failed: number;
}

/** The tiles that cover a box at a zoom; a box past the antimeridian wraps. */
export function tiles_of(bbox: Bbox, zoom: number): TileAddress[] {
  const z = Math.max(0, Math.min(MAX_TILE_ZOOM, Math.round(zoom)));
  const size = 2 ** z;
  const column = (lon: number): number => Math.floor(((lon + 180) / 360) * size);
  const row = (lat: number): number => {
    const radians = (Math.max(-MAX_LATITUDE, Math.min(MAX_LATITUDE, lat)) * Math.PI) / 180;
    const down = (1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2;
    return Math.max(0, Math.min(size - 1, Math.floor(down * size)));
  };
  const tiles = new Map<string, TileAddress>();
  const last = Math.min(column(bbox.east), column(bbox.west) + size - 1);
  for (let x = column(bbox.west); x <= last; x += 1) {
    for (let y = row(bbox.north); y <= row(bbox.south); y += 1) {
      const wrapped = ((x % size) + size) % size;
      tiles.set(`${wrapped}/${y}`, { z, x: wrapped, y });
    }
  }
  return [...tiles.values()];
}

export class TileStore {
  readonly #kept = new Map<string, Promise<Marks>>();
  readonly #template: string;
  #query: string;

  constructor(template: string, query: string) {
    this.#template = template;
    this.#query = query;
  }

  set query(query: string) {
    this.#query = query;
  }

  /** Load what a view needs; a tile that failed is asked for again the next time. */
  async load(bbox: Bbox, zoom: number): Promise<Load> {
    const answers = await Promise.allSettled(tiles_of(bbox, zoom).map((tile) => this.#get(tile)));
    const whole = answers.filter((answer) => answer.status === "fulfilled");
    return { ...joined(whole.map(({ value }) => value)), failed: answers.length - whole.length };
  }

  #get(tile: TileAddress): Promise<Marks> {
    const address = this.#address(tile);
    const kept = this.#kept.get(address);
    if (kept) return kept;
    const asked = fetch_tile(address, tile);
    this.#kept.set(address, asked);
    asked.catch(() => this.#kept.delete(address));
    if (this.#kept.size > MAX_KEPT) this.#kept.delete(this.#kept.keys().next().value!);
    return asked;
  }

  #address({ z, x, y }: TileAddress): string {
    const values: Record<string, number> = { z, x, y };
    const path = this.#template.replace(/\{([zxy])\}/g, (_, name: string) => String(values[name]));
    return this.#query ? `${path}?${this.#query}` : path;
  }
}

async function fetch_tile(address: string, tile: TileAddress): Promise<Marks> {
  const response = await fetch(address, { credentials: "omit" });
  if (response.status === 204) return NO_MARKS;
  if (!response.ok) throw new Error(`Tile ${address} answered ${response.status}`);
  return decode_tile(await response.arrayBuffer(), tile);
}

/** One list of each, a device that two tiles hold once. */
function joined(parts: readonly Marks[]): Marks {
  const unique = <T extends { id: string }>(lists: readonly (readonly T[])[]): T[] => [
    ...new Map(lists.flat().map((mark) => [mark.id, mark])).values(),
  ];
  return {
    devices: unique(parts.map(({ devices }) => devices)),
    clusters: unique(parts.map(({ clusters }) => clusters)),
    events: unique(parts.map(({ events }) => events)),
  };
}
