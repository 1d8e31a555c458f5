/** What OpenStreetMap flags without its being a device: shown on wish, never among the devices. */

import * as L from "leaflet";

import { say, say_count } from "../i18n/messages";
import { bbox_from_leaflet, contains, to_leaflet, type Bbox, type Position } from "./leaflet_border";
import { tiles_of } from "./tile_store";

/** Further off, signs would lie on each other. */
const LEAST_ZOOM = 12;
/** Some 50 km: which of them are asked for tells of a region, and not where somebody looks. */
const CELL_ZOOM = 9;
const SIDE_PX = 24;

export interface Flag extends Position {
  readonly id: string;
  readonly kind: "enforcement" | "car_park";
  readonly url: string;
  readonly tags: Readonly<Record<string, string>>;
}

interface Feature {
  readonly id: string;
  readonly geometry: { readonly coordinates: readonly [number, number] };
  readonly properties: Pick<Flag, "kind" | "url" | "tags">;
}

/** The boxes to ask for, as the address takes them: each cell of a coarse grid that a view meets. */
export function boxes_of(view: Bbox): string[] {
  return tiles_of(view, CELL_ZOOM).map(({ z, x, y }) => {
    const size = 2 ** z;
    const lon = (column: number): number => (column / size) * 360 - 180;
    const lat = (row: number): number =>
      (Math.atan(Math.sinh(Math.PI * (1 - (2 * row) / size))) * 180) / Math.PI;
    return [lon(x), lat(y + 1), lon(x + 1), lat(y)].map((side) => side.toFixed(5)).join(",");
  });
}

/** What a flag says, in words. */
export function flag_words({ kind, tags }: Flag): string {
  if (kind === "car_park") return say("Car park under surveillance");
  switch (tags["enforcement"]) {
    case "maxspeed": return say("Speed is checked here");
    case "average_speed": return say("Average speed is checked here");
    case "traffic_signals": return say("Red lights are checked here");
    default: return say("Traffic rules are checked here");
  }
}

export function popup_of_flag(flag: Flag): HTMLElement {
  const content = document.createElement("div");
  content.className = "popup";
  const title = Object.assign(document.createElement("p"), { textContent: flag_words(flag) });
  title.className = "popup__title";
  content.append(title);
  const limit = flag.tags["maxspeed"];
  if (limit) {
    const words = say("Limit: {value}", { value: limit });
    content.append(Object.assign(document.createElement("p"), { textContent: words }));
  }
  const link = document.createElement("a");
  // An address that is not what it should be is no link.
  if (flag.url.startsWith("https://www.openstreetmap.org/")) link.href = flag.url;
  link.rel = "noreferrer";
  link.textContent = say("On OpenStreetMap");
  content.append(link);
  return content;
}

export class FlagLayer {
  readonly #map: L.Map;
  readonly #address: string;
  readonly #on_words: (words: string) => void;
  readonly #group = L.layerGroup();
  readonly #kept = new Map<string, Promise<Flag[]>>();
  #is_shown = false;
  #turn = 0;

  constructor(map: L.Map, address: string, on_words: (words: string) => void) {
    this.#map = map;
    this.#address = address;
    this.#on_words = on_words;
    map.on("moveend", () => void this.#refresh());
  }

  /** Show what is in view, or nothing. */
  async show(is_shown: boolean): Promise<void> {
    this.#is_shown = is_shown;
    if (is_shown) this.#group.addTo(this.#map);
    else this.#group.remove();
    await this.#refresh();
  }

  async #refresh(): Promise<void> {
    const turn = (this.#turn += 1);
    if (!this.#is_shown || this.#map.getZoom() < LEAST_ZOOM) {
      this.#group.clearLayers();
      this.#on_words(this.#is_shown ? say("Zoom in to see them.") : "");
      return;
    }
    const view = bbox_from_leaflet(this.#map.getBounds());
    const answers = await Promise.allSettled(boxes_of(view).map((box) => this.#get(box)));
    if (turn !== this.#turn) return;
    const found = new Map(
      answers.flatMap((answer) => (answer.status === "fulfilled" ? answer.value : []))
        .filter((flag) => contains(view, flag))
        .map((flag) => [flag.id, flag]),
    );
    this.#group.clearLayers();
    for (const flag of found.values()) this.#group.addLayer(marker_of(flag));
    const words = say_count("{count} shown.", "{count} shown.", found.size);
    const is_whole = answers.every(({ status }) => status === "fulfilled");
    this.#on_words(is_whole ? words : `${words} ${say("A part did not load.")}`);
  }

  /** Each box is asked for once; one that failed again the next time. */
  #get(box: string): Promise<Flag[]> {
    const kept = this.#kept.get(box);
    if (kept) return kept;
    const asked = fetch_flags(`${this.#address}?bbox=${box}`);
    this.#kept.set(box, asked);
    asked.catch(() => this.#kept.delete(box));
    return asked;
  }
}

async function fetch_flags(address: string): Promise<Flag[]> {
  const response = await fetch(address, { credentials: "omit" });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  const { features } = (await response.json()) as { features: Feature[] };
  return features.map(({ id, geometry, properties: { kind, url, tags } }) => {
    const [lon, lat] = geometry.coordinates;
    return { id, kind, url, tags, lon, lat };
  });
}

function marker_of(flag: Flag): L.Marker {
  const words = flag_words(flag);
  const marker = L.marker(to_leaflet(flag), {
    keyboard: true, title: words, alt: words,
    icon: L.divIcon({
      className: `flag-mark flag-mark--${flag.kind === "car_park" ? "park" : "rule"}`,
      html: flag.kind === "car_park" ? "P" : "!", iconSize: [SIDE_PX, SIDE_PX],
    }),
  });
  marker.on("add", () => marker.getElement()?.setAttribute("aria-label", words));
  return marker.bindPopup(() => popup_of_flag(flag));
}
