/** Where the device stands: a map moved under a fixed pin. Only the walker's hand places it. */

import "../ui/leaflet.css";
import "../ui/map.css";

import * as L from "leaflet";

import { say } from "../i18n/messages";
import { add_basemap } from "../map/basemap";
import { make_map } from "../map/device_map";
import {
  bbox_to_leaflet, from_leaflet, parse_bbox, to_leaflet, type Position,
} from "../map/leaflet_border";
import { target_sign } from "../map/locate_control";
import { draw_pin } from "../map/pin";
import { Fixes, is_good } from "./fixes";

/** From here one sees which side of the street; below, a pin would be a guess. */
export const PLACE_FROM_ZOOM = 16;

/** Where a pin came from: the phone, the photo, the walker's hand. */
export type Source = "fix" | "photo" | "hand";

export interface PlaceOptions {
  /** A watch that others began; without one, the map begins its own at a tap. */
  readonly fixes?: Fixes;
  /** False where a fix only shows the quarter: a photo from the gallery was taken elsewhere. */
  readonly may_place?: () => boolean;
  readonly on_place?: (position: Position | null, source: Source) => void;
}

/** What a fix does: place the pin, or only say why it does not. */
export function judge_fix(accuracy_m: number): { places: boolean; words: string } {
  const metres = Math.round(accuracy_m);
  const places = is_good({ lon: 0, lat: 0, accuracy_m, at_ms: 0 });
  const words = places
    ? say(
        "The pin stands where you are, to {metres} m. Move the map until it stands on the device.",
        { metres },
      )
    : say(
        "Your phone knows its place to {metres} m only, too coarse for a pin. Move the map.",
        { metres },
      );
  return { places, words };
}

/** Turn a `[data-place]` section into a map; from then on it alone writes `lat` and `lon`. */
export function add_place_map(section: HTMLElement, options: PlaceOptions = {}): PlaceMap | null {
  const lat = section.querySelector<HTMLInputElement>('[name="lat"]');
  const lon = section.querySelector<HTMLInputElement>('[name="lon"]');
  return lat && lon ? new PlaceMap(section, lat, lon, options) : null;
}

export class PlaceMap {
  readonly map: L.Map;
  readonly stage: HTMLElement;
  readonly #lat: HTMLInputElement;
  readonly #lon: HTMLInputElement;
  readonly #options: PlaceOptions;
  readonly #fixes: Fixes;
  readonly #frame = draw_frame();
  #circle: L.Circle | undefined;
  /** The next move of the map is the walker's own. */
  #is_by_hand = false;
  /** Once the walker has moved the map, no fix moves it any more. */
  #source: Source | null = null;

  constructor(
    section: HTMLElement, lat: HTMLInputElement, lon: HTMLInputElement, options: PlaceOptions,
  ) {
    this.#lat = lat;
    this.#lon = lon;
    this.#options = options;
    this.#fixes = options.fixes ?? new Fixes(() => this.follow_fix());
    const picture = picture_of(section);
    (picture ?? lat.closest(".field") ?? lat).before(this.#frame.whole);
    if (picture) picture.hidden = true;
    this.stage = this.#frame.stage;
    this.map = make_map(this.#frame.element, false);
    Object.assign(this.map.options, {
      scrollWheelZoom: "center", touchZoom: "center", doubleClickZoom: "center",
    });
    this.map.scrollWheelZoom.enable();
    open_at(this.map, section, lat, lon);
    if (this.is_placed) this.#source = "hand";
    void add_basemap(this.map, section.dataset["basemap"] ?? "");
    this.#follow_the_hand();
    const { here, place_here, forget } = this.#frame;
    place_here.addEventListener("click", () => this.#take_middle());
    forget.addEventListener("click", () => this.#write(null, "hand"));
    here.addEventListener("click", () => this.#go_here());
    for (const field of [lat, lon]) field.addEventListener("change", () => this.#take_figures());
    this.#show();
    if (options.fixes) this.follow_fix();
  }

  get is_placed(): boolean {
    return this.#lat.value !== "" && this.#lon.value !== "";
  }

  get position(): Position | null {
    return this.is_placed ? { lon: Number(this.#lon.value), lat: Number(this.#lat.value) } : null;
  }

  /** Put the pin where the photo was taken. */
  suggest(position: Position): void {
    if (this.#source === "hand") return;
    this.map.setView(to_leaflet(position), 18, { animate: false });
    this.#write(position, "photo");
    this.#show(say(
      "The pin stands where the photo was taken. Move the map until it stands on the device.",
    ));
  }

  /** Whether there is a place to go on with; where not, say what is missing. */
  confirm(): boolean {
    if (this.is_placed) return true;
    this.#show(this.map.getZoom() < PLACE_FROM_ZOOM
      ? say("Zoom in until you see the street, then place the pin.")
      : say("Move the map until the pin stands on the device."));
    return false;
  }

  /** Show the best fix, and let it place the pin where it may. */
  follow_fix(): void {
    const { best, problem, is_looking } = this.#fixes;
    if (is_looking) this.#show(say("Looking for your position…"));
    if (problem) this.#show(say("No position was found. Move the map by hand."));
    if (!best) return;
    this.#circle?.remove();
    this.#circle = L.circle(to_leaflet(best), {
      radius: best.accuracy_m, className: "accuracy", interactive: false,
    }).addTo(this.map);
    if (this.#source === "hand" || this.#source === "photo") return;
    const { places, words } = judge_fix(best.accuracy_m);
    this.map.setView(to_leaflet(best), places ? 18 : PLACE_FROM_ZOOM, { animate: false });
    if (this.#options.may_place?.() === false) {
      this.#show();
      return;
    }
    // A better fix that came too late to be good takes the earlier pin away.
    this.#write(places ? best : null, "fix");
    this.#show(words);
  }

  /** Figures that were typed are the hand's word too. */
  #take_figures(): void {
    const { position } = this;
    if (!position || !(Math.abs(position.lat) <= 85 && Math.abs(position.lon) <= 180)) return;
    this.#source = "hand";
    this.map.setView(to_leaflet(position), 18, { animate: false });
  }

  /** "Find where I am" is a hand's word: it may place the pin of any report. */
  #go_here(): void {
    const { best } = this.#fixes;
    this.#source = null;
    this.#fixes.begin();
    if (!best) {
      this.follow_fix();
      return;
    }
    const { places, words } = judge_fix(best.accuracy_m);
    this.map.setView(to_leaflet(best), places ? 18 : PLACE_FROM_ZOOM, { animate: false });
    this.#write(places ? best : null, "fix");
    this.#show(words);
  }

  #write(position: Position | null, source: Source): void {
    this.#lat.value = position ? position.lat.toFixed(6) : "";
    this.#lon.value = position ? position.lon.toFixed(6) : "";
    this.#source = source;
    this.#options.on_place?.(position, source);
    this.#show();
  }

  #show(words?: string): void {
    const { whole, status, forget, place_here } = this.#frame;
    whole.classList.toggle("is-placed", this.is_placed);
    forget.hidden = !this.is_placed;
    place_here.hidden = this.is_placed;
    status.textContent = words ?? (this.is_placed
      ? say("Place chosen. Move the map to change it.")
      : say("Move the map until the pin stands on the device."));
  }

  #take_middle(source: Source = "hand"): void {
    if (this.map.getZoom() >= PLACE_FROM_ZOOM) {
      this.#write(from_leaflet(this.map.getCenter()), source);
      return;
    }
    this.#write(null, "hand");
    this.#show(say("Zoom in until you see the street, then place the pin."));
  }

  /** Follow finger, mouse, arrow keys and taps; a zoom alone places nothing. */
  #follow_the_hand(): void {
    const map = this.map;
    map.on("dragend", () => this.#take_middle());
    map.getContainer().addEventListener("keydown", ({ key }) => {
      this.#is_by_hand = key.startsWith("Arrow");
    });
    map.on("click", ({ latlng }) => {
      if (map.getZoom() < PLACE_FROM_ZOOM) {
        map.setView(latlng, Math.min(map.getZoom() + 3, PLACE_FROM_ZOOM + 1));
        return;
      }
      this.#is_by_hand = true;
      map.panTo(latlng);
    });
    map.on("moveend", () => {
      // A pin once placed stays what the middle shows, however the map was moved.
      if (this.#is_by_hand || this.is_placed) {
        this.#take_middle(this.#is_by_hand ? "hand" : this.#source ?? "hand");
      }
      this.#is_by_hand = false;
    });
  }
}

function open_at(
  map: L.Map, section: HTMLElement, lat: HTMLInputElement, lon: HTMLInputElement,
): void {
  const given = { lat: Number(lat.value), lon: Number(lon.value) };
  const is_given = lat.value !== "" && lon.value !== "";
  const start = start_of(section);
  const box = parse_bbox(section.dataset["bbox"]);
  if (is_given && Math.abs(given.lat) <= 85 && Math.abs(given.lon) <= 180) {
    map.setView(to_leaflet(given), 18);
  } else if (start) {
    map.setView(to_leaflet(start), Math.min(start.zoom, 18));
  } else if (box) {
    map.fitBounds(bbox_to_leaflet(box), { maxZoom: 17, animate: false });
  } else {
    map.setView([46.6, 2.4], 5);
  }
}

/** Where the server's own map picture stands. */
function start_of(section: HTMLElement): (Position & { zoom: number }) | null {
  const [lon, lat, zoom] = ["map_lon", "map_lat", "map_zoom"].map((name) => {
    const text = section.querySelector<HTMLInputElement>(`[name="${name}"]`)?.value ?? "";
    return text === "" ? NaN : Number(text);
  }) as [number, number, number];
  return [lon, lat, zoom].every(Number.isFinite) ? { lon, lat, zoom } : null;
}

/** The picture to tap on and its links: for browsers without a map. */
function picture_of(section: HTMLElement): HTMLElement | null {
  const image = section.querySelector<HTMLElement>('input[type="image"]');
  const around = image?.closest<HTMLElement>("figure, .field") ?? image;
  return section.querySelector<HTMLElement>("[data-place-picture]") ?? around;
}

interface Frame {
  readonly whole: HTMLElement;
  readonly stage: HTMLElement;
  readonly element: HTMLElement;
  readonly status: HTMLElement;
  readonly here: HTMLButtonElement;
  readonly place_here: HTMLButtonElement;
  readonly forget: HTMLButtonElement;
}

function draw_frame(): Frame {
  const whole = document.createElement("div");
  whole.className = "place";
  const stage = document.createElement("div");
  stage.className = "place__stage";
  const element = document.createElement("div");
  element.className = "map";
  element.setAttribute("aria-label", say("Move the map until the pin stands on the device."));
  const words = document.createElement("span");
  words.className = "visually-hidden";
  words.textContent = say("Find where I am");
  const here = button("");
  here.className = "place__here";
  here.title = words.textContent;
  here.append(target_sign(), words);
  stage.append(element, draw_pin("place__pin"), here);
  const status = document.createElement("p");
  status.className = "place__status";
  status.setAttribute("role", "status");
  const bar = document.createElement("p");
  bar.className = "actions";
  const place_here = button(say("Place the pin here"));
  place_here.className = "place__take";
  const forget = button(say("Remove"));
  forget.className = "button--quiet place__take";
  bar.append(place_here, forget);
  whole.append(stage, status, bar);
  return { whole, stage, element, status, here, place_here, forget };
}

function button(words: string): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = words;
  return element;
}
