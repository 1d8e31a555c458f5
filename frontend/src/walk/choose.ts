/** The chooser of `/walk/`: a rectangle of sheets on the map, by taps, by drawing or by buttons. */

import "../ui/leaflet.css";
import "../ui/map.css";

import * as L from "leaflet";

import { say, say_count } from "../i18n/messages";
import { DeviceMap } from "../map/device_map";
import { bbox_from_leaflet, bbox_to_leaflet, from_leaflet, to_leaflet } from "../map/leaflet_border";
import {
  bbox_of, lattice, quarter_around, quarter_between, quarter_text, resized, sheet_at, sheet_count, size_m,
  type Quarter, type Sheet,
} from "./sheets";

const MOST_LINES = 40;

class Chooser {
  readonly #box: HTMLElement;
  readonly #map: L.Map;
  readonly #lines = L.layerGroup();
  readonly #chosen = L.layerGroup();
  readonly #most: number;
  #quarter: Quarter | null = null;
  #corner: Sheet | null = null;

  constructor(box: HTMLElement, map: L.Map) {
    this.#box = box;
    this.#map = map;
    this.#most = Number(box.dataset["most"]) || 16;
    this.#lines.addTo(map);
    this.#chosen.addTo(map);
    map.on("moveend", () => this.#draw_lines());
    map.on("click", (event) => this.#tap(sheet_at(from_leaflet(event.latlng.wrap()))));
    this.#on_button("middle", () => {
      this.#set(quarter_around(from_leaflet(map.getCenter().wrap())));
    });
    this.#on_button("larger", () => this.#resize(1));
    this.#on_button("smaller", () => this.#resize(-1));
    this.#on_button("clear", () => this.#set(null));
    this.#draw_by_hand();
    this.#draw_lines();
    this.#say();
  }

  #on_button(name: string, act: () => void): void {
    this.#box.querySelector(`[data-walk-${name}]`)?.addEventListener("click", act);
  }

  /** The first tap is a sheet, the second the opposite corner, the third begins anew. */
  #tap(sheet: Sheet): void {
    const corner = this.#corner;
    if (corner && this.#set(quarter_between(corner, sheet))) return;
    if (!corner && this.#set({ first: sheet, last: sheet })) this.#corner = sheet;
  }

  #resize(step: 1 | -1): void {
    const now = this.#quarter ?? quarter_around(from_leaflet(this.#map.getCenter().wrap()));
    this.#set(this.#quarter ? resized(now, step) : now);
  }

  /** Take a quarter, unless it is too large: then say so and keep the one before. */
  #set(quarter: Quarter | null): boolean {
    if (quarter && sheet_count(quarter) > this.#most) {
      this.#tell(say("{count} sheets are too many, {most} at most. Choose a smaller quarter.", {
        count: sheet_count(quarter), most: this.#most,
      }));
      return false;
    }
    this.#quarter = quarter;
    this.#corner = null;
    this.#chosen.clearLayers();
    if (quarter) {
      const box = bbox_to_leaflet(bbox_of(quarter));
      L.rectangle(box, { className: "walk-chosen-box", interactive: false }).addTo(this.#chosen);
    }
    this.#say();
    return true;
  }

  #say(): void {
    const go = this.#box.querySelector<HTMLAnchorElement>("[data-walk-go]");
    if (go) go.hidden = !this.#quarter;
    if (!this.#quarter) {
      this.#tell(say("No quarter chosen yet."));
      return;
    }
    const { across, down } = size_m(this.#quarter);
    this.#tell(say_count(
      "{count} sheet, {across} m by {down} m.", "{count} sheets, {across} m by {down} m.",
      sheet_count(this.#quarter), { across, down },
    ));
    const { kit = "", extra = "" } = this.#box.dataset;
    if (go) go.href = `${kit}?bbox=${quarter_text(this.#quarter)}${extra}`;
  }

  #tell(words: string): void {
    const status = this.#box.querySelector("[data-walk-status]");
    if (status) status.textContent = words;
  }

  #draw_lines(): void {
    this.#lines.clearLayers();
    const lines = lattice(bbox_from_leaflet(this.#map.getBounds()), MOST_LINES);
    const ends = lines.map((line) => line.map(to_leaflet));
    L.polyline(ends, { className: "walk-lattice", interactive: false }).addTo(this.#lines);
  }

  /** While “Draw” is pressed a drag, by mouse, pen or finger, is a quarter and moves no map. */
  #draw_by_hand(): void {
    const button = this.#box.querySelector<HTMLButtonElement>("[data-walk-draw]");
    const frame = this.#map.getContainer();
    let from: Sheet | null = null;
    const at = (event: PointerEvent): Sheet =>
      sheet_at(from_leaflet(this.#map.mouseEventToLatLng(event).wrap()));
    const press = (is_on: boolean): void => {
      button?.setAttribute("aria-pressed", String(is_on));
      frame.classList.toggle("is-drawing", is_on);
      this.#map.dragging[is_on ? "disable" : "enable"]();
    };
    button?.addEventListener("click", () => press(button.getAttribute("aria-pressed") !== "true"));
    frame.addEventListener("pointerdown", (event) => {
      if (!frame.classList.contains("is-drawing") || !event.isPrimary) return;
      if ((event.target as Element).closest(".leaflet-control")) return;
      from = at(event);
      frame.setPointerCapture(event.pointerId);
      this.#set({ first: from, last: from });
    });
    frame.addEventListener("pointermove", (event) => {
      if (from) this.#set(quarter_between(from, at(event)));
    });
    frame.addEventListener("pointerup", () => {
      if (!from) return;
      from = null;
      // The click that ends the drag is no tap.
      frame.addEventListener("click", (event) => event.stopPropagation(), { capture: true, once: true });
      press(false);
    });
    frame.addEventListener("pointercancel", () => (from = null));
  }
}

const box = document.querySelector<HTMLElement>("[data-walk-chooser]");
const element = box?.querySelector<HTMLElement>(".map");
if (box && element) {
  box.hidden = false;
  element.classList.add("is-live");
  element.setAttribute("aria-label", say("Map: choose the sheets of the quarter"));
  new Chooser(box, new DeviceMap(element, { is_whole_page: false }).map);
}
