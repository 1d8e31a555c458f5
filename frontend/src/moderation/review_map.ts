/** One `[data-moderation-map]`: where the report says it is, where the photo was taken, who is near. */

import * as L from "leaflet";

import { arcs_from_json, type Arc } from "../geo/direction";
import { say } from "../i18n/messages";
import { add_basemap } from "../map/basemap";
import { cone_outline } from "../map/device_layer";
import { make_map } from "../map/device_map";
import { to_leaflet, type Position } from "../map/leaflet_border";
import { distance_m } from "../map/sphere";
import { make_pin } from "../map/pin";
import { device_words, direction_words, is_old } from "../map/sentences";
import { draw_sign } from "../ui/sign";
import { arcs_of } from "./turning";

/** A device near the report, as the page's JSON lists it. */
export interface Neighbour extends Position {
  readonly id: string;
  readonly kind: string;
  readonly camera_type?: string;
  readonly status?: string;
  readonly verification?: string;
  readonly direction?: string;
  readonly last_seen?: string;
  readonly label?: string;
  /** Where a changeset would have it instead. */
  readonly to?: Position;
}

/** Read a place from two attributes; null where they are absent or no numbers. */
export function read_position(lon: string | undefined, lat: string | undefined): Position | null {
  if (!lon || !lat) return null;
  const position = { lon: Number(lon), lat: Number(lat) };
  return Number.isFinite(position.lon) && Number.isFinite(position.lat) ? position : null;
}

/** What the desk does with a map of a report. */
export interface ReviewMap {
  /** Take the arrow keys to the pin. */
  focus_pin(): void;
  remove(): void;
}

export function make_review_map(element: HTMLElement): ReviewMap | null {
  const data = element.dataset;
  const report = read_position(data["lon"], data["lat"]);
  const photo = read_position(data["photoLon"], data["photoLat"]);
  const start = report ?? photo;
  if (!start) {
    element.hidden = true;
    return null;
  }
  element.setAttribute("aria-label", say("Map: the reported place, the photo's place, the neighbours"));
  const map = make_map(element, false);
  map.setView(to_leaflet(start), 18);
  void add_basemap(map, data["basemap"] ?? "");
  map.createPane("cones").style.zIndex = "390";
  const looking = arcs_of(data["directionDeg"]);
  if (photo) {
    add_photo(map, photo, Number(data["accuracyM"]) || 0, arcs_of(data["photoDirectionDeg"]));
  }
  const neighbours = read_neighbours(data["neighbours"]);
  for (const neighbour of neighbours) add_neighbour(map, neighbour);
  // A crowd is seen whole; a report from near.
  if ("fit" in data && neighbours.length > 0) {
    const places = neighbours.flatMap((near) => (near.to ? [near, near.to] : [near]));
    map.fitBounds(L.latLngBounds(places.map(to_leaflet)), { maxZoom: 17, padding: [24, 24] });
  }
  const pin = add_pin(map, element, start, looking);
  return { focus_pin: () => pin?.getElement()?.focus(), remove: () => void map.remove() };
}

function read_neighbours(id: string | undefined): Neighbour[] {
  const element = id ? document.getElementById(id) : null;
  const value: unknown = JSON.parse(element?.textContent || "[]");
  return Array.isArray(value) ? (value as Neighbour[]) : [];
}

function draw_cones(map: L.Map, from: Position, looking: readonly Arc[], name = ""): L.LayerGroup {
  const cones = looking.map((arc) =>
    L.polygon(cone_outline(from, arc).map(to_leaflet), {
      pane: "cones", interactive: false, smoothFactor: 0, className: `cone ${name}`,
    }),
  );
  return L.layerGroup(cones).addTo(map);
}

function add_photo(map: L.Map, photo: Position, accuracy_m: number, looking: readonly Arc[]): void {
  if (accuracy_m > 0) {
    L.circle(to_leaflet(photo), { radius: accuracy_m, className: "accuracy", interactive: false }).addTo(map);
  }
  draw_cones(map, photo, looking, "cone--photo");
  const face = document.createElement("div");
  face.className = "photo-place";
  const words = say("Where the photo was taken");
  const icon = L.divIcon({ className: "mark", html: face, iconSize: [44, 44] });
  const marker = L.marker(to_leaflet(photo), { icon, title: words, interactive: false, keyboard: false });
  marker.addTo(map);
  marker.getElement()?.setAttribute("role", "img");
  marker.getElement()?.setAttribute("aria-label", words);
}

function add_neighbour(map: L.Map, neighbour: Neighbour): void {
  const device = {
    camera_type: "", status: "active", verification: "unverified", last_seen: "", name: "",
    ...neighbour, arcs: arcs_from_json(neighbour.direction ?? ""),
  };
  draw_cones(map, neighbour, device.arcs);
  if (neighbour.to) add_move(map, neighbour, neighbour.to);
  const face = document.createElement("div");
  face.append(draw_sign({ ...device, is_old: is_old(device, new Date()) }));
  if (neighbour.label) {
    const label = document.createElement("b");
    label.className = "mark__label";
    label.textContent = neighbour.label;
    face.append(label);
  }
  const words = [neighbour.label, device_words(device)].filter(Boolean).join(": ");
  const icon = L.divIcon({ className: "mark", html: face, iconSize: [44, 44] });
  const marker = L.marker(to_leaflet(neighbour), { icon, title: words, interactive: false, keyboard: false });
  marker.addTo(map);
  marker.getElement()?.setAttribute("role", "img");
  marker.getElement()?.setAttribute("aria-label", words);
}

function add_move(map: L.Map, from: Position, to: Position): void {
  const ends = [from, to].map(to_leaflet);
  L.polyline(ends, { className: "move", interactive: false }).addTo(map);
  L.circleMarker(to_leaflet(to), { radius: 5, className: "move__end", interactive: false }).addTo(map);
}

/** The pin writes the form's fields only once it was moved: an unmoved point is published coarser. */
function add_pin(
  map: L.Map, element: HTMLElement, start: Position, looking: readonly Arc[],
): L.Marker | null {
  const selector = element.dataset["form"] ?? "form[data-decision]";
  const form = element.closest("form") ?? document.querySelector<HTMLFormElement>(selector);
  const field = (name: string) => form?.querySelector<HTMLInputElement>(`[name="${name}"]`);
  const [lon, lat, direction] = [field("lon"), field("lat"), field("direction")];
  if (!lon || !lat) return null;
  const status = document.createElement("p");
  status.className = "small quiet";
  status.setAttribute("role", "status");
  element.after(status);
  const now = { position: start, looking };
  let cones = draw_cones(map, start, looking);
  const draw = (): void => {
    cones.remove();
    cones = draw_cones(map, now.position, now.looking);
  };
  const follow = (position: Position): void => {
    now.position = position;
    draw();
    const metres = Math.round(distance_m(start, position));
    status.textContent = say("Moved {metres} m from the report.", { metres });
  };
  const pin = make_pin(start, say("The device; move it with the arrow keys"), (position) => {
    lon.value = position.lon.toFixed(7);
    lat.value = position.lat.toFixed(7);
    follow(position);
  });
  pin.addTo(map);
  for (const typed_in of [lon, lat]) {
    typed_in.addEventListener("change", () => {
      const typed = read_position(lon.value, lat.value);
      if (!typed) return;
      pin.setLatLng(to_leaflet(typed));
      follow(typed);
    });
  }
  direction?.addEventListener("input", () => {
    now.looking = arcs_of(direction.value);
    draw();
    status.textContent = direction_words(now.looking);
  });
  return pin;
}
