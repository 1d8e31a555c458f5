/**
 * Is it known already? Answered on the phone, from tiles of a kilometre: no address that is asked
 * for says where the walker stands.
 */

import { say, say_measure } from "../i18n/messages";
import type { Device } from "../map/devices";
import type { Position } from "../map/leaflet_border";
import { destination, distance_m } from "../map/sphere";
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

const WAIT_MS = 3000;

export interface Near {
  readonly device: Device;
  readonly metres: number;
}

/** What the walker has reported from this page: on no map yet, and not readable on the phone. */
export interface Told extends Position {
  readonly words: readonly string[];
}

/** In the memory of this page alone: no storage, no history; a reload or a closed tab forgets. */
let told: Told[] = [];

export function remember_told(report: Told): void {
  told = [...told, report];
}

export function forget_told(): void {
  told = [];
}

/** The walker's own reports within reach, the nearest first. */
export function nearest_told(from: Position, reach: number): readonly (Told & { metres: number })[] {
  return told
    .map((report) => ({ ...report, metres: distance_m(report, from) }))
    .filter(({ metres }) => metres <= reach)
    .sort((a, b) => a.metres - b.metres)
    .slice(0, MOST_CARDS);
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

/** Cards of what is near a pin: own reports, then what the map knows as far as it can be asked. */
export async function cards_near(
  tiles: string, pin: Position, accuracy_m: number | null, choose: (device: Device) => void,
): Promise<HTMLElement[]> {
  const reach = reach_m(accuracy_m);
  // Offline, or too slow: the moderators are told of neighbours too.
  const devices = await in_time(new Known(tiles).around(pin, reach)).catch(() => []);
  return [...nearest_told(pin, reach).map(card_of_told), ...cards_of(nearest(devices, pin, reach), choose)];
}

/** One card a device; `choose` hears its id. */
export function cards_of(near: readonly Near[], choose: (device: Device) => void): HTMLElement[] {
  return near.map(({ device, metres }) => {
    const distance = say_measure(Math.round(metres), "meter");
    const facts = [distance, direction_words(device.arcs)];
    const same = document.createElement("button");
    same.type = "button";
    same.textContent = say("It is this one: I confirm that it is there");
    same.addEventListener("click", () => choose(device));
    const card = card_of(kind_words(device), facts, same);
    card.prepend(draw_sign({ ...device, is_old: is_old(device, new Date()) }));
    return card;
  });
}

/** There is nothing to confirm: who told it already goes on to the next. */
function card_of_told({ words, metres }: Told & { metres: number }): HTMLElement {
  const [title = "", ...facts] = [...words, say_measure(Math.round(metres), "meter")];
  const next = document.createElement("a");
  next.className = "button";
  next.href = location.pathname;
  next.dataset["again"] = "";
  next.textContent = say("Report the next one");
  return card_of(say("You reported this a moment ago"), [title, ...facts], next);
}

function card_of(title_words: string, facts: readonly string[], act: HTMLElement): HTMLElement {
  const card = document.createElement("li");
  const words = document.createElement("div");
  const title = document.createElement("p");
  title.className = "known__title";
  title.textContent = title_words;
  const line = document.createElement("p");
  line.className = "quiet small";
  line.textContent = facts.filter(Boolean).join(", ");
  words.append(title, line);
  card.append(words, act);
  return card;
}

function in_time<T>(asked: Promise<T>): Promise<T> {
  return Promise.race([
    asked, new Promise<never>((_, reject) => setTimeout(() => reject(new Error("late")), WAIT_MS)),
  ]);
}
