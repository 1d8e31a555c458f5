/** One map element: the ground, the devices, the controls, and words for all of it. */

import * as L from "leaflet";

import { say } from "../i18n/messages";
import { add_basemap, type BasemapState } from "./basemap";
import { add_locate_control } from "./locate_control";
import { DeviceLayer } from "./device_layer";
import type { Device, EventMark } from "./devices";
import { gather, SIGN_PX, size_px } from "./gathering";
import {
  bbox_from_leaflet, bbox_to_leaflet, contains, from_leaflet, parse_bbox, to_leaflet, type Position,
} from "./leaflet_border";
import { popup_of_device, popup_of_event, popup_of_spot, type OnPresence } from "./popup";
import { TileStore, type Load } from "./tile_store";

export const MAX_ZOOM = 20;

export interface View extends Position {
  readonly zoom: number;
}

/** What is drawn; `devices` also holds those gathered into clusters here. */
export interface Drawn extends Load {
  readonly view: View;
}

export interface DeviceMapOptions {
  /** A whole-page map takes the wheel; one inside a page must not. */
  readonly is_whole_page: boolean;
  readonly view?: View | null;
  readonly on_drawn?: (drawn: Drawn) => void;
  /** Where given, a device's popup asks whether it is still there. */
  readonly on_presence?: OnPresence | undefined;
}

export class DeviceMap {
  readonly map: L.Map;
  readonly layer: DeviceLayer;
  readonly #store: TileStore;
  readonly #element: HTMLElement;
  readonly #options: DeviceMapOptions;
  #turn = 0;

  constructor(element: HTMLElement, options: DeviceMapOptions) {
    const { tiles = "", query = "", focusId = "" } = element.dataset;
    this.#element = element;
    this.#options = options;
    if (!element.hasAttribute("aria-label")) element.setAttribute("aria-label", say("Map of devices"));
    this.map = make_map(element, options.is_whole_page);
    this.#store = new TileStore(tiles, query);
    this.layer = new DeviceLayer(this.map, {
      focus_id: focusId,
      on_device: (device) => this.#open_device(device),
      on_event: (event) => this.#open_event(event),
      on_spot: (cluster, members) => {
        const address = (device: Device): string => this.address(device);
        open_popup(this.map, cluster, popup_of_spot(members, address, options.on_presence));
      },
    });
    this.map.on("moveend", () => void this.refresh());
    place(this.map, element, options.view ?? null);
    void add_basemap(this.map, element.dataset["basemap"] ?? "").then((state) => {
      say_basemap(element, state);
    });
  }

  get view(): View {
    return { ...from_leaflet(this.map.getCenter()), zoom: this.map.getZoom() };
  }

  /** Show only what a filter lets through. */
  filter(query: string): void {
    this.#store.query = query;
    void this.refresh();
  }

  /** Load and draw what is in view; a later call wins. */
  async refresh(): Promise<void> {
    const turn = (this.#turn += 1);
    const bbox = bbox_from_leaflet(this.map.getBounds());
    this.#element.setAttribute("aria-busy", "true");
    const load = await this.#store.load(bbox, this.map.getZoom());
    await idle();
    if (turn !== this.#turn) return;
    this.#element.removeAttribute("aria-busy");
    // Whole tiles came. A sign out of view would be focused unseen, and shift the map.
    const [devices, clusters, events] = [
      load.devices.filter((device) => contains(bbox, device)),
      load.clusters.filter((cluster) => contains(bbox, cluster)),
      load.events.filter((event) => contains(bbox, event)),
    ];
    const focus_id = this.#element.dataset["focusId"] ?? "";
    const focus = devices.filter(({ id }) => id === focus_id);
    const others = devices.filter(({ id }) => id !== focus_id);
    const gathered = gather(others, clusters, this.map.getZoom());
    const is_free = free_of_controls(this.map);
    this.layer.show({
      devices: [...gathered.devices.filter((device) => is_free(device, SIGN_PX)), ...focus],
      clusters: gathered.clusters.filter((ring) => is_free(ring, size_px(ring.count))),
      looking: devices, events,
    });
    this.#options.on_drawn?.({ devices, clusters, events, failed: load.failed, view: this.view });
  }

  /** The page of a device. */
  address(device: Device): string {
    const { deviceUrl = "/devices/{id}/" } = this.#element.dataset;
    return deviceUrl.replace("{id}", encodeURIComponent(device.id));
  }

  #open_device(device: Device): void {
    if (device.id === this.#element.dataset["focusId"]) return;
    open_popup(this.map, device, popup_of_device(device, this.address(device), this.#options.on_presence));
  }

  #open_event(event: EventMark): void {
    const template = this.#element.dataset["eventUrl"] ?? "/events/{id}/";
    const address = template.replace("{id}", encodeURIComponent(event.id));
    open_popup(this.map, event, popup_of_event(event, address));
  }
}

/** A Leaflet map with our manners: keyboard, still where motion is unwelcome, attribution; who calls names it. */
export function make_map(element: HTMLElement, is_whole_page: boolean): L.Map {
  const is_still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(element, {
    maxZoom: MAX_ZOOM, minZoom: 3, zoomControl: false, worldCopyJump: true,
    scrollWheelZoom: is_whole_page, maxBoundsViscosity: 1,
    fadeAnimation: false, zoomAnimation: !is_still, markerZoomAnimation: !is_still,
    inertia: !is_still,
  });
  element.setAttribute("role", "region");
  L.control.zoom({ zoomInTitle: say("Zoom in"), zoomOutTitle: say("Zoom out") }).addTo(map);
  L.control.scale({ imperial: false }).addTo(map);
  map.attributionControl.setPrefix(false);
  map.attributionControl.addAttribution(
    `<a href="https://www.openstreetmap.org/copyright">${say("© OpenStreetMap contributors")}</a>`,
  );
  if (is_whole_page) add_locate_control(map);
  if (!is_whole_page) wheel_once_focused(map, element);
  add_skip_link(element);
  return map;
}

function place(map: L.Map, element: HTMLElement, view: View | null): void {
  const { lon, lat, zoom, bbox } = element.dataset;
  const box = parse_bbox(bbox);
  if (view) {
    map.setView(to_leaflet(view), view.zoom);
  } else if (box) {
    // Signs at the edge of the box would lie under the controls.
    const room = { paddingTopLeft: L.point(64, 24), paddingBottomRight: L.point(24, 32) };
    map.fitBounds(bbox_to_leaflet(box), { maxZoom: 18, animate: false, ...room });
  } else {
    map.setView(to_leaflet({ lon: Number(lon) || 0, lat: Number(lat) || 0 }), Number(zoom) || 5);
  }
}

/** Whether a mark can be tapped: one under a button is as good as out of view. */
function free_of_controls(map: L.Map): (position: Position, side_px: number) => boolean {
  const frame = map.getContainer().getBoundingClientRect();
  const controls = [...map.getContainer().querySelectorAll(".leaflet-control")];
  const boxes = controls.map((control) => control.getBoundingClientRect());
  return (position, side_px) => {
    const { x, y } = map.latLngToContainerPoint(to_leaflet(position));
    const [left, top] = [frame.left + x - side_px / 2, frame.top + y - side_px / 2];
    return !boxes.some(
      (box) =>
        left < box.right && left + side_px > box.left &&
        top < box.bottom && top + side_px > box.top,
    );
  };
}

function open_popup(map: L.Map, position: Position, content: HTMLElement): void {
  // Beside the controls, which lie over it.
  const popup = L.popup({
    offset: [0, -8], maxWidth: 256, minWidth: 200,
    autoPanPaddingTopLeft: [64, 24], autoPanPaddingBottomRight: [12, 32],
  });
  popup.setLatLng(to_leaflet(position)).setContent(content).openOn(map);
  const opener = document.activeElement;
  content.querySelector("a")?.focus({ preventScroll: true });
  popup.once("remove", () => {
    if (opener instanceof HTMLElement && opener.isConnected) opener.focus({ preventScroll: true });
  });
  content.addEventListener("keydown", (event) => {
    if (event.key === "Escape") popup.close();
  });
}

function say_basemap(element: HTMLElement, state: BasemapState): void {
  element.dataset["basemapState"] = state;
  if (state === "drawn") return;
  const words = document.createElement("p");
  words.className = "map__ground";
  words.textContent =
    state === "absent"
      ? say("No base map is installed here: devices stand on a plain ground.")
      : say("The base map did not load: devices stand on a plain ground.");
  element.append(words);
}

/** A map inside a page leaves the wheel to the page until it is used. */
function wheel_once_focused(map: L.Map, element: HTMLElement): void {
  map.on("focus click", () => map.scrollWheelZoom.enable());
  map.on("blur", () => map.scrollWheelZoom.disable());
  element.addEventListener("mouseleave", () => map.scrollWheelZoom.disable());
}

function add_skip_link(element: HTMLElement): void {
  const after = document.createElement("span");
  after.id = `after-${element.id || "map"}`;
  after.tabIndex = -1;
  const skip = document.createElement("a");
  skip.className = "map-skip";
  skip.href = `#${after.id}`;
  skip.textContent = say("Skip the map");
  element.before(skip);
  element.after(after);
}

function idle(): Promise<void> {
  return new Promise((resolve) => {
    if ("requestIdleCallback" in globalThis) requestIdleCallback(() => resolve(), { timeout: 200 });
    else setTimeout(resolve, 0);
  });
}
