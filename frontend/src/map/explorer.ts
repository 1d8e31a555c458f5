/** The map page: filters, list and address kept in step with what is in view. */

import { say, say_count } from "../i18n/messages";
import { draw_sign } from "../ui/sign";
import { DeviceMap, type Drawn, type View } from "./device_map";
import type { Device } from "./devices";
import { distance_m } from "./leaflet_border";
import { device_words, evidence_words, direction_words, is_old, kind_words, view_words } from "./sentences";

const MAX_ROWS = 60;

/** Read `#map=zoom/lat/lon`; null where it is absent or malformed. */
export function view_of_address(hash: string): View | null {
  const parts = (new URLSearchParams(hash.slice(1)).get("map") ?? "").split("/");
  const [zoom, lat, lon] = parts.map((part) => (part === "" ? NaN : Number(part)));
  if (parts.length !== 3 || ![zoom, lat, lon].every(Number.isFinite)) return null;
  if (Math.abs(lat!) > 85 || Math.abs(lon!) > 180 || zoom! < 0 || zoom! > 22) return null;
  return { zoom: zoom!, lat: lat!, lon: lon! };
}

/**
 * The address of a view under a filter; places to five decimals, a metre.
 *
 * The view is in the fragment, which no request carries: who looks around where they stand tells
 * nobody, not even by the referrer of a tile.
 */
export function address_of(path: string, query: string, view: View): string {
  const place = `#map=${view.zoom}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}`;
  return `${path}${query ? `?${query}` : ""}${place}`;
}

/** What a filter form asks for, empty fields left out. */
export function query_of(form: HTMLFormElement): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of new FormData(form)) {
    if (typeof value === "string" && value !== "") parameters.append(name, value);
  }
  return parameters.toString();
}

/** Make the map page's map. */
export function explore(element: HTMLElement): DeviceMap {
  const panel = document.querySelector<HTMLElement>("[data-map-panel]");
  const form = panel?.querySelector<HTMLFormElement>("form[data-map-filters]") ?? null;
  let query = element.dataset["query"] ?? "";
  // Before the map, which fits itself into what the sheet leaves.
  const sheet = panel ? lower_sheet(panel) : null;
  const device_map = new DeviceMap(element, {
    is_whole_page: true,
    view: view_of_address(location.hash),
    on_drawn: (drawn) => {
      history.replaceState(null, "", address_of(location.pathname, query, drawn.view));
      if (panel) show_in_panel(panel, drawn, device_map, query);
    },
  });
  const apply = (): void => {
    if (form) query = query_of(form);
    device_map.filter(query);
  };
  // A view pasted into the address, or a step back to one; our own changes raise no such event.
  addEventListener("hashchange", () => {
    const view = view_of_address(location.hash);
    if (view) device_map.map.setView([view.lat, view.lon], view.zoom);
  });
  form?.addEventListener("change", apply);
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  sheet?.addEventListener("click", () => {
    const is_open = panel!.classList.toggle("is-open");
    sheet.setAttribute("aria-expanded", String(is_open));
    device_map.map.invalidateSize({ pan: false });
  });
  return device_map;
}

function show_in_panel(panel: HTMLElement, drawn: Drawn, map: DeviceMap, query: string): void {
  const { devices, clusters, events, failed, view } = drawn;
  const status = panel.querySelector("[data-map-status]");
  const words = view_words(devices, clusters, events);
  if (status) status.textContent = failed ? `${words} ${say("A part did not load.")}` : words;
  show_retry(panel, failed > 0, map);
  const list = panel.querySelector<HTMLElement>("[data-map-list]");
  if (list) show_list(list, devices, view, map);
  for (const link of panel.querySelectorAll<HTMLAnchorElement>("a[data-keeps-filter]")) {
    const parameters = new URLSearchParams(query);
    parameters.set("view", "list");
    link.search = parameters.toString();
  }
}

function show_retry(panel: HTMLElement, is_needed: boolean, map: DeviceMap): void {
  let button = panel.querySelector<HTMLButtonElement>("[data-map-retry]");
  if (!is_needed) {
    button?.remove();
    return;
  }
  if (button) return;
  button = document.createElement("button");
  button.type = "button";
  button.dataset["mapRetry"] = "";
  button.textContent = say("Try again");
  button.addEventListener("click", () => void map.refresh());
  panel.querySelector("[data-map-status]")?.after(button);
}

function show_list(list: HTMLElement, devices: readonly Device[], view: View, map: DeviceMap): void {
  const nearest = [...devices]
    .sort((a, b) => distance_m(a, view) - distance_m(b, view))
    .slice(0, MAX_ROWS);
  const rows: HTMLElement[] = nearest.map((device) => row_of(device, map));
  const rest = devices.length - nearest.length;
  if (rest > 0) {
    const more = document.createElement("li");
    more.className = "quiet";
    more.textContent = say_count(
      "and {count} more, further from the middle.", "and {count} more, further from the middle.", rest,
    );
    rows.push(more);
  }
  list.replaceChildren(...rows);
  list.hidden = rows.length === 0;
}

function row_of(device: Device, map: DeviceMap): HTMLElement {
  const row = document.createElement("li");
  const words = document.createElement("div");
  const link = document.createElement("a");
  const template = map.map.getContainer().dataset["deviceUrl"] ?? "/devices/{id}/";
  link.href = template.replace("{id}", encodeURIComponent(device.id));
  const looks = direction_words(device.arcs);
  link.textContent = looks ? `${kind_words(device)}, ${looks}` : kind_words(device);
  link.setAttribute("aria-label", device_words(device));
  const evidence = document.createElement("p");
  evidence.className = "quiet small";
  evidence.textContent = evidence_words(device);
  words.append(link, evidence);
  row.append(draw_sign({ ...device, is_old: is_old(device, new Date()) }), words);
  for (const [begin, end] of [["mouseenter", "mouseleave"], ["focusin", "focusout"]] as const) {
    row.addEventListener(begin, () => map.layer.point_at(device.id, true));
    row.addEventListener(end, () => map.layer.point_at(device.id, false));
  }
  return row;
}

/** On phones the panel is a sheet, lowered at first; returns the button that raises it. */
function lower_sheet(panel: HTMLElement): HTMLButtonElement | null {
  const button = panel.querySelector<HTMLButtonElement>("[data-map-sheet]");
  if (!button) return null;
  button.hidden = false;
  button.setAttribute("aria-expanded", "false");
  panel.classList.add("is-sheet");
  return button;
}
