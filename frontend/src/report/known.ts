/**
 * Is it known already? Answered on the phone, from tiles of a kilometre: no address that is asked
 * for says where the walker stands.
 */

import { say, say_measure } from "../i18n/messages";
import type { Device } from "../map/devices";
import { destination, distance_m, type Position } from "../map/leaflet_border";
import { direction_words, is_old, kind_words } from "../map/sentences";
import { TileStore } from "../map/tile_store";
import { draw_sign } from "../ui/sign";

/** The first zoom at which a tile holds devices one by one; about 800 m wide in France. */
const TILE_ZOOM = 15;
const NEAR_M = 30;
const NEAR_OF_POOR_FIX_M = 50;
/** A fix worse than this may be off by half a street. */
const POOR_FIX_M = 20;
const MOST_CARDS = 3;

export interface Near {
  readonly device: Device;
  readonly metres: number;
}

/** How far to look from a pin: further where only a poor fix has placed it. */
export function reach_m(accuracy_m: number | null): number {
  return accuracy_m !== null && accuracy_m > POOR_FIX_M ? NEAR_OF_POOR_FIX_M : NEAR_M;
}

/** The nearest devices within reach, the nearest first; what was removed is not known any more. */
export function nearest(devices: readonly Device[], from: Position, reach: number): Near[] {
  return devices
    .filter(({ status }) => status !== "removed")
    .map((device) => ({ device, metres: distance_m(device, from) }))
    .filter(({ metres }) => metres <= reach)
    .sort((a, b) => a.metres - b.metres)
    .slice(0, MOST_CARDS);
}

export class Known {
  readonly #store: TileStore;

  constructor(tiles: string) {
    this.#store = new TileStore(tiles, "");
  }

  /** Load what lies around a pin, ahead of the question. */
  async around(pin: Position, reach: number): Promise<readonly Device[]> {
    const [north, east, south, west] = [0, 90, 180, 270].map((turn) => destination(pin, turn, reach));
    const box = { west: west!.lon, south: south!.lat, east: east!.lon, north: north!.lat };
    return (await this.#store.load(box, TILE_ZOOM)).devices;
  }
}

/** One card a device; `choose` hears its id. */
export function cards_of(near: readonly Near[], choose: (device: Device) => void): HTMLElement[] {
  return near.map(({ device, metres }) => {
    const card = document.createElement("li");
    const words = document.createElement("div");
    const title = document.createElement("p");
    title.className = "known__title";
    title.textContent = kind_words(device);
    const facts = document.createElement("p");
    facts.className = "quiet small";
    const distance = say_measure(Math.round(metres), "meter");
    facts.textContent = [distance, direction_words(device.arcs)].filter(Boolean).join(", ");
    words.append(title, facts);
    const same = document.createElement("button");
    same.type = "button";
    same.textContent = say("It is this one: I confirm that it is there");
    same.addEventListener("click", () => choose(device));
    card.append(draw_sign({ ...device, is_old: is_old(device, new Date()) }), words, same);
    return card;
  });
}
