/**
 * The point picker of Django's admin: a `textarea[data-location-widget]` holding GeoJSON or
 * (E)WKT. A point can be moved; any other geometry is shown and left to the text.
 */

import "../ui/tokens.css";
import "../ui/leaflet.css";
import "../ui/map.css";
import "../ui/admin.css";

import * as L from "leaflet";

import { say } from "../i18n/messages";
import { add_basemap } from "../map/basemap";
import { make_map } from "../map/device_map";
import { from_leaflet, to_leaflet, type Position } from "../map/leaflet_border";
import { make_pin } from "../map/pin";
import { read_geometry, write_point } from "./geometry_text";

function add_widget(area: HTMLTextAreaElement): void {
  const element = document.createElement("div");
  element.className = "map map--admin";
  element.setAttribute("aria-label", say("Map of devices"));
  area.before(element);
  const map = make_map(element, false);
  void add_basemap(map, area.dataset["basemap"] ?? "");
  const geometry = read_geometry(area.value);
  if (geometry && geometry.type !== "Point") {
    const outline = L.geoJSON(geometry, { style: { className: "outline" } }).addTo(map);
    map.fitBounds(outline.getBounds());
    return;
  }
  let pin: L.Marker | undefined;
  const put = (position: Position): void => {
    area.value = write_point(position, area.value);
    if (pin) pin.setLatLng(to_leaflet(position));
    else pin = make_pin(position, say("The point; move it with the arrow keys"), put).addTo(map);
  };
  if (geometry) {
    const [lon, lat] = geometry.coordinates as [number, number];
    map.setView([lat, lon], 18);
    pin = make_pin({ lon, lat }, say("The point; move it with the arrow keys"), put).addTo(map);
  } else {
    map.setView([46.6, 2.4], 5);
  }
  if (area.readOnly || area.disabled) {
    pin?.dragging?.disable();
    return;
  }
  map.on("click", ({ latlng }) => put(from_leaflet(latlng)));
}

for (const area of document.querySelectorAll<HTMLTextAreaElement>("textarea[data-location-widget]")) {
  add_widget(area);
}
