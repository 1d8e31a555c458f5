/** A pin that staff move by mouse, finger or arrow keys (1 m, with Shift 10 m). */

import * as L from "leaflet";

import { svg_element } from "../ui/sign";
import { from_leaflet, to_leaflet, type Position } from "./leaflet_border";
import { destination } from "./sphere";

const BEARINGS: Readonly<Record<string, number>> = {
  ArrowUp: 0, ArrowRight: 90, ArrowDown: 180, ArrowLeft: 270,
};

/** Where a key moves a position; null where it does nothing. */
export function moved_by_key(position: Position, key: string, has_shift: boolean): Position | null {
  const bearing = BEARINGS[key];
  return bearing === undefined ? null : destination(position, bearing, has_shift ? 10 : 1);
}

/** The drawing of a pin, its point at the middle of the lower edge. */
export function draw_pin(name: string): SVGElement {
  const drawing = svg_element("svg", { viewBox: "0 0 40 52", class: `pin ${name}`, "aria-hidden": "true" });
  drawing.append(
    svg_element("path", { d: "M20 50C20 50 4 32 4 19.5a16 16 0 1 1 32 0C36 32 20 50 20 50z" }),
    svg_element("circle", { cx: 20, cy: 19.5, r: 6 }),
  );
  return drawing;
}

export function make_pin(
  position: Position, words: string, on_move: (position: Position) => void,
): L.Marker {
  const face = document.createElement("div");
  face.append(draw_pin(""));
  const marker = L.marker(to_leaflet(position), {
    draggable: true, autoPan: true, keyboard: true, title: words, zIndexOffset: 2000,
    icon: L.divIcon({ className: "pin-mark", html: face, iconSize: [40, 52], iconAnchor: [20, 51] }),
  });
  marker.on("dragend", () => on_move(from_leaflet(marker.getLatLng())));
  marker.on("add", () => {
    const element = marker.getElement();
    element?.setAttribute("aria-label", words);
    element?.addEventListener("keydown", (event) => {
      const next = moved_by_key(from_leaflet(marker.getLatLng()), event.key, event.shiftKey);
      if (!next) return;
      event.preventDefault();
      event.stopPropagation();
      marker.setLatLng(to_leaflet(next));
      on_move(next);
    });
  });
  return marker;
}
