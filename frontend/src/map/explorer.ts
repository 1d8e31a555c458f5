/** The map page: filters, list and address kept in step with what is in view. */

import { say, say_count, say_measure } from "../i18n/messages";
import { draw_sign } from "../ui/sign";
import { DeviceMap, type Drawn, type View } from "./device_map";
import type { Device } from "./devices";
import type { FlagLayer } from "./flags";
import { from_leaflet, type Position } from "./leaflet_border";
import { distance_m } from "./sphere";
import { presence_buttons, type OnPresence } from "./popup";
import { device_words, evidence_words, direction_words, is_old, kind_words, view_words } from "./sentences";

const MAX_ROWS = 60;
/** Who stands further off is not asked whether it is still there. */
const NEAR_ME_M = 200;
const NEAR_ME_ZOOM = 17;

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
 * nobody, not even by the referrer of a tile. No view, once the map was asked where its reader is:
 * the browser writes addresses into its history, which whoever takes the phone can read.
 */
export function address_of(path: string, query: string, view: View | null): string {
  const place = view ? `#map=${view.zoom}/${view.lat.toFixed(5)}/${view.lon.toFixed(5)}` : "";
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
  /** Where the reader stands: asked for by a tap, and known to this page alone. */
  let here: Position | null = null;
  const on_presence = presence_asker((device) => device_map.address(device));
  const device_map = new DeviceMap(element, {
    is_whole_page: true,
    view: view_of_address(location.hash),
    on_presence,
    on_drawn: (drawn) => {
      history.replaceState(null, "", address_of(location.pathname, query, here ? null : drawn.view));
      if (panel) show_in_panel(panel, drawn, device_map, query, { here, on_presence });
    },
  });
  device_map.map.on("locationfound", ({ latlng }) => {
    here = from_leaflet(latlng);
    void device_map.refresh();
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
    // The list is of what is in view: let that be what is near.
    if (is_open && here) device_map.map.setView([here.lat, here.lon], NEAR_ME_ZOOM, { animate: false });
  });
  const wish = panel?.querySelector<HTMLInputElement>("input[data-map-flags]");
  if (panel && wish) offer_flags(wish, panel, device_map);
  return device_map;
}

/** The tick box of what is no device; its layer is loaded when it is first ticked. */
function offer_flags(wish: HTMLInputElement, panel: HTMLElement, { map }: DeviceMap): void {
  const status = panel.querySelector<HTMLElement>("[data-map-flags-status]");
  const address = wish.dataset["mapFlags"] ?? "";
  let layer: Promise<FlagLayer> | undefined;
  const apply = (): void => {
    layer ??= import("./flags").then((loaded) => new loaded.FlagLayer(map, address, (words) => {
      if (status) status.textContent = words;
    }));
    void layer.then((flags) => flags.show(wish.checked));
  };
  const field = wish.closest<HTMLElement>("[data-map-also]");
  if (field) field.hidden = false;
  wish.addEventListener("change", apply);
  // A browser that comes back to the page ticks what was ticked.
  if (wish.checked) apply();
}

interface Near {
  readonly here: Position | null;
  readonly on_presence: OnPresence | undefined;
}

/** Opens the page's dialog "still there?"; a page without one asks nothing. */
function presence_asker(address_of_device: (device: Device) => string): OnPresence | undefined {
  const dialog = document.querySelector<HTMLDialogElement>("[data-presence-dialog]");
  if (!dialog) return undefined;
  return (device, said) => {
    void import("./presence_dialog").then(({ ask_presence }) =>
      ask_presence(dialog, device, address_of_device(device), said));
  };
}

function show_in_panel(
  panel: HTMLElement, drawn: Drawn, map: DeviceMap, query: string, near: Near,
): void {
  const { devices, clusters, events, failed, view } = drawn;
  const status = panel.querySelector("[data-map-status]");
  const words = view_words(devices, clusters, events);
  if (status) status.textContent = failed ? `${words} ${say("A part did not load.")}` : words;
  show_retry(panel, failed > 0, map);
  const list = panel.querySelector<HTMLElement>("[data-map-list]");
  if (list) show_list(list, devices, view, map, near);
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

function show_list(
  list: HTMLElement, devices: readonly Device[], view: View, map: DeviceMap, near: Near,
): void {
  const middle = near.here ?? view;
  const nearest = [...devices]
    .sort((a, b) => distance_m(a, middle) - distance_m(b, middle))
    .slice(0, MAX_ROWS);
  const rows: HTMLElement[] = nearest.map((device) => row_of(device, map, near));
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

function row_of(device: Device, map: DeviceMap, { here, on_presence }: Near): HTMLElement {
  const row = document.createElement("li");
  const words = document.createElement("div");
  const link = document.createElement("a");
  link.href = map.address(device);
  const looks = direction_words(device.arcs);
  link.textContent = looks ? `${kind_words(device)}, ${looks}` : kind_words(device);
  link.setAttribute("aria-label", device_words(device));
  const evidence = document.createElement("p");
  evidence.className = "quiet small";
  const metres = here ? Math.round(distance_m(device, here)) : null;
  const away = metres === null ? "" : say_measure(metres, "meter");
  evidence.textContent = [away, evidence_words(device)].filter(Boolean).join(", ");
  words.append(link, evidence);
  if (metres !== null && metres <= NEAR_ME_M) words.append(...presence_buttons(device, on_presence));
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
