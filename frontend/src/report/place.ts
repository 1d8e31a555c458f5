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
import { ask_position, type Fix } from "../map/locate_control";
import { draw_pin } from "../map/pin";

/** From here one sees which side of the street; below, a pin would be a guess. */
export const PLACE_FROM_ZOOM = 16;
/** A worse fix never places the pin: it may be the next street. */
export const WORST_FIX_M = 50;

/** What a fix does: place the pin, or only say why it does not. */
export function judge_fix(fix: Fix): { places: boolean; words: string } {
  if ("problem" in fix) return { places: false, words: fix.problem };
  const metres = Math.round(fix.accuracy_m);
  const places = fix.accuracy_m <= WORST_FIX_M;
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
export function add_place_map(section: HTMLElement): void {
  const lat = section.querySelector<HTMLInputElement>('[name="lat"]');
  const lon = section.querySelector<HTMLInputElement>('[name="lon"]');
  if (lat && lon) new PlaceMap(section, lat, lon);
}

class PlaceMap {
  readonly #lat: HTMLInputElement;
  readonly #lon: HTMLInputElement;
  readonly #frame = draw_frame();
  readonly #map: L.Map;
  #circle: L.Circle | undefined;
  /** The next move of the map is the walker's own. */
  #is_by_hand = false;

  constructor(section: HTMLElement, lat: HTMLInputElement, lon: HTMLInputElement) {
    this.#lat = lat;
    this.#lon = lon;
    const picture = picture_of(section);
    (picture ?? lat.closest(".field") ?? lat).before(this.#frame.whole);
    if (picture) picture.hidden = true;
    this.#map = make_map(this.#frame.element, false);
    Object.assign(this.#map.options, {
      scrollWheelZoom: "center", touchZoom: "center", doubleClickZoom: "center",
    });
    this.#map.scrollWheelZoom.enable();
    open_at(this.#map, section, lat, lon);
    void add_basemap(this.#map, section.dataset["basemap"] ?? "");
    this.#follow_the_hand();
    const { here, place_here, forget } = this.#frame;
    place_here.addEventListener("click", () => this.#take_middle());
    forget.addEventListener("click", () => this.#write(null));
    here.addEventListener("click", () => void this.#ask());
    this.#show();
  }

  get #is_placed(): boolean {
    return this.#lat.value !== "" && this.#lon.value !== "";
  }

  #write(position: Position | null): void {
    this.#lat.value = position ? position.lat.toFixed(6) : "";
    this.#lon.value = position ? position.lon.toFixed(6) : "";
    this.#show();
  }

  #show(words?: string): void {
    const { whole, status, forget, place_here } = this.#frame;
    whole.classList.toggle("is-placed", this.#is_placed);
    forget.hidden = !this.#is_placed;
    place_here.hidden = this.#is_placed;
    status.textContent = words ?? (this.#is_placed
      ? say("Place chosen. Move the map to change it.")
      : say("No place chosen yet. Without one, the photo's own position is used if it has one."));
  }

  #take_middle(): void {
    if (this.#map.getZoom() >= PLACE_FROM_ZOOM) {
      this.#write(from_leaflet(this.#map.getCenter()));
      return;
    }
    this.#write(null);
    this.#show(say("Zoom in until you see the street, then place the pin."));
  }

  /** Follow finger, mouse, arrow keys and taps; a zoom alone places nothing. */
  #follow_the_hand(): void {
    const map = this.#map;
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
      if (this.#is_by_hand || this.#is_placed) this.#take_middle();
      this.#is_by_hand = false;
    });
  }

  async #ask(): Promise<void> {
    this.#frame.status.textContent = say("Looking for your position…");
    const fix = await ask_position();
    const { places, words } = judge_fix(fix);
    this.#circle?.remove();
    if (!("problem" in fix)) {
      this.#circle = L.circle(to_leaflet(fix), {
        radius: fix.accuracy_m, className: "accuracy", interactive: false,
      }).addTo(this.#map);
      this.#map.setView(to_leaflet(fix), places ? 18 : PLACE_FROM_ZOOM, { animate: false });
      if (places) this.#write(fix);
    }
    this.#show(words);
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
  element.setAttribute("aria-label", say("Map: move it until the pin stands on the device"));
  stage.append(element, draw_pin("place__pin"));
  const status = document.createElement("p");
  status.className = "place__status";
  status.setAttribute("role", "status");
  const bar = document.createElement("p");
  bar.className = "actions";
  const here = button(say("Find where I am"));
  const place_here = button(say("Place the pin here"));
  const forget = button(say("Take the pin away"));
  forget.className = "button--quiet";
  bar.append(place_here, here, forget);
  whole.append(stage, status, bar);
  return { whole, element, status, here, place_here, forget };
}

function button(words: string): HTMLButtonElement {
  const element = document.createElement("button");
  element.type = "button";
  element.textContent = words;
  return element;
}
