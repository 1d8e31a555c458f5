/** Draws what is in view and keeps what stays: markers and cones are added and removed by id. */

import * as L from "leaflet";

import { is_all_round, width_deg, type Arc } from "../geo/direction";
import { say } from "../i18n/messages";
import { draw_sign } from "../ui/sign";
import { steps_aside, type Spot, type Step } from "./aside";
import type { Cluster, Device, EventMark } from "./devices";
import { SIGN_PX, size_px } from "./gathering";
import { bbox_to_leaflet, to_leaflet, type Position } from "./leaflet_border";
import { destination, distance_m } from "./sphere";
import { cluster_words, device_words, event_words, is_old } from "./sentences";

/** Always from here; and from a zoom further off where few devices are in view. */
const CONES_FROM_ZOOM = 17;
const CONES_OF_FEW_FROM_ZOOM = 16;
const FEW = 200;
const CONE_M = 32;
/** Drawn where only a bearing is known: the true opening is not. */
const ASSUMED_WIDTH_DEG = 50;
const CLUSTER_MAX_ZOOM = 19;
/** From here, or where zooming would not part them, a ring opens as a list. */
const LIST_FROM_ZOOM = 18;
const ONE_SPOT_M = 4;

const STAYS: Step = { right_px: 0, below_px: 0 };

export interface Shown {
  readonly devices: readonly Device[];
  /** All of them, the gathered ones too: each keeps its cone. */
  readonly looking: readonly Device[];
  readonly clusters: readonly Cluster[];
  readonly events: readonly EventMark[];
}

export interface DeviceLayerOptions {
  readonly focus_id: string;
  readonly on_device: (device: Device) => void;
  readonly on_event: (event: EventMark) => void;
  readonly on_spot: (cluster: Cluster, members: readonly Device[]) => void;
}

interface Drawing {
  readonly marker: L.Marker;
  readonly state: string;
}

export class DeviceLayer {
  readonly #map: L.Map;
  readonly #options: DeviceLayerOptions;
  readonly #markers = new Map<string, Drawing>();
  readonly #cones = new Map<string, L.Polygon>();
  readonly #cone_renderer: L.Renderer;

  constructor(map: L.Map, options: DeviceLayerOptions) {
    this.#map = map;
    this.#options = options;
    map.createPane("cones").style.zIndex = "390";
    this.#cone_renderer = L.svg({ pane: "cones", padding: 0.3 });
  }

  /** Show exactly these; what was there already is not touched. */
  show(shown: Shown): void {
    const wanted = new Map<string, { state: string; make: () => L.Marker }>();
    for (const cluster of shown.clusters) {
      const state = `${cluster.count}/${cluster.lon}/${cluster.lat}`;
      wanted.set(cluster.id, { state, make: () => this.#cluster(cluster) });
    }
    const steps = steps_aside(
      shown.events.map((event) => this.#spot(event, SIGN_PX)),
      [
        ...shown.clusters.map((cluster) => this.#spot(cluster, size_px(cluster.count))),
        ...shown.devices.map((device) => this.#spot(device, SIGN_PX)),
      ],
    );
    for (const [index, event] of shown.events.entries()) {
      const step = steps[index]!;
      const state = `${event.kind}/${step.right_px}/${step.below_px}`;
      wanted.set(`event/${event.id}`, { state, make: () => this.#event(event, step) });
    }
    for (const device of shown.devices) {
      wanted.set(device.id, { state: JSON.stringify(device), make: () => this.#device(device) });
    }
    for (const [id, { marker, state }] of this.#markers) {
      if (wanted.get(id)?.state === state) continue;
      marker.remove();
      this.#markers.delete(id);
    }
    for (const [id, { state, make }] of wanted) {
      if (this.#markers.has(id)) continue;
      this.#markers.set(id, { marker: make().addTo(this.#map), state });
    }
    this.#show_cones(shown.looking);
  }

  /** Point at one device, from the list. */
  point_at(id: string, is_pointed: boolean): void {
    const element = this.#markers.get(id)?.marker.getElement();
    element?.classList.toggle("is-pointed", is_pointed);
  }

  #show_cones(devices: readonly Device[]): void {
    const zoom = this.#map.getZoom();
    const is_near =
      zoom >= CONES_FROM_ZOOM || (zoom >= CONES_OF_FEW_FROM_ZOOM && devices.length <= FEW);
    const wanted = new Map<string, () => L.Polygon>();
    for (const device of is_near ? devices : []) {
      if (device.status === "removed") continue;
      for (const arc of device.arcs) {
        const key = `${device.id}/${arc.from}/${arc.to}/${device.lon}/${device.lat}`;
        wanted.set(key, () => this.#cone(device, arc));
      }
    }
    for (const [key, cone] of this.#cones) {
      if (wanted.has(key)) continue;
      cone.remove();
      this.#cones.delete(key);
    }
    for (const [key, make] of wanted) {
      if (!this.#cones.has(key)) this.#cones.set(key, make().addTo(this.#map));
    }
  }

  #cone(device: Device, arc: Arc): L.Polygon {
    const shape = is_all_round(arc) ? " cone--round" : arc.from === arc.to ? " cone--assumed" : "";
    return L.polygon(cone_outline(device, arc).map(to_leaflet), {
      renderer: this.#cone_renderer, pane: "cones", interactive: false, smoothFactor: 0,
      className: `cone${shape}`,
    });
  }

  #device(device: Device): L.Marker {
    const face = document.createElement("div");
    face.append(draw_sign({ ...device, is_old: is_old(device, new Date()) }));
    const is_focus = device.id === this.#options.focus_id;
    const marker = this.#marker(device, face, SIGN_PX, device_words(device), () =>
      this.#options.on_device(device),
    );
    if (is_focus) marker.setZIndexOffset(2000);
    if (is_focus) marker.on("add", () => marker.getElement()?.classList.add("is-focus"));
    return marker;
  }

  #spot(position: Position, side_px: number): Spot {
    const { x, y } = this.#map.latLngToLayerPoint(to_leaflet(position));
    return { across_px: x, down_px: y, side_px };
  }

  #event(event: EventMark, step: Step): L.Marker {
    const face = document.createElement("div");
    face.append(draw_sign({
      kind: event.kind === "other" ? "event" : event.kind, camera_type: "",
      status: "active", verification: "verified", is_old: false,
    }));
    const act = (): void => this.#options.on_event(event);
    return this.#marker(event, face, SIGN_PX, event_words(event), act, step).setZIndexOffset(1000);
  }

  #cluster(cluster: Cluster): L.Marker {
    const size = size_px(cluster.count);
    const face = document.createElement("div");
    face.className = "cluster";
    face.style.width = face.style.height = `${size}px`;
    face.textContent = short_number(cluster.count);
    return this.#marker(cluster, face, size, cluster_words(cluster), () => this.#open(cluster));
  }

  #open(cluster: Cluster): void {
    const { bbox, members } = cluster;
    const is_near = this.#map.getZoom() >= LIST_FROM_ZOOM;
    if (members && (is_near || is_one_spot(members))) {
      this.#options.on_spot(cluster, members);
    } else if (bbox && (bbox.west < bbox.east || bbox.south < bbox.north)) {
      const target = L.latLngBounds(bbox_to_leaflet(bbox));
      const zoom = this.#map.getBoundsZoom(target.pad(0.2));
      const nearer = Math.min(CLUSTER_MAX_ZOOM, Math.max(zoom, this.#map.getZoom() + 1));
      this.#map.setView(target.getCenter(), nearer);
    } else {
      this.#map.setView(to_leaflet(cluster), Math.min(this.#map.getZoom() + 2, CLUSTER_MAX_ZOOM));
    }
  }

  #marker(
    position: Position, face: HTMLElement, size: number, words: string, act: () => void,
    { right_px, below_px }: Step = STAYS,
  ): L.Marker {
    // map.css makes the target larger than the sign.
    const icon = L.divIcon({
      className: "mark", html: face, iconSize: [size, size],
      iconAnchor: [size / 2 - right_px, size / 2 - below_px],
    });
    const marker = L.marker(to_leaflet(position), { icon, keyboard: true, alt: words, riseOnHover: true });
    marker.on("click", act);
    marker.on("add", () => {
      const element = marker.getElement();
      element?.setAttribute("aria-label", words);
      element?.addEventListener("keydown", (event) => {
        if (event.key !== "Enter" && event.key !== " ") return;
        event.preventDefault();
        act();
      });
    });
    return marker;
  }
}

function is_one_spot(members: readonly Device[]): boolean {
  const [first, ...others] = members;
  return others.every((other) => distance_m(first!, other) < ONE_SPOT_M);
}

/** The corners of what one head may see, `CONE_M` deep. */
export function cone_outline(from: Position, arc: Arc): Position[] {
  const step_deg = 10;
  if (is_all_round(arc)) {
    return Array.from({ length: 36 }, (_, i) => destination(from, i * step_deg, CONE_M));
  }
  const width = arc.from === arc.to ? ASSUMED_WIDTH_DEG : width_deg(arc);
  const start = arc.from === arc.to ? arc.from - width / 2 : arc.from;
  const steps = Math.max(2, Math.ceil(width / step_deg));
  const rim = Array.from({ length: steps + 1 }, (_, i) =>
    destination(from, start + (width * i) / steps, CONE_M),
  );
  return [from, ...rim];
}

function short_number(count: number): string {
  if (count < 1000) return String(count);
  return say("{count}k", { count: Math.round(count / 100) / 10 });
}

