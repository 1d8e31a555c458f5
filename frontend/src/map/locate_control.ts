/** "Where am I", only at a tap; the answer stays in the browser. */

import * as L from "leaflet";

import { say } from "../i18n/messages";
import { svg_element } from "../ui/sign";
import { to_leaflet } from "./leaflet_border";

/** A fix as the browser gives it, or the words for why there is none. */
export type Fix = { lon: number; lat: number; accuracy_m: number } | { problem: string };

/** Ask the browser once where it is; never throws. */
export function ask_position(): Promise<Fix> {
  return new Promise((resolve) => {
    if (!("geolocation" in navigator)) {
      resolve({ problem: say("This browser can't tell where you are.") });
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({
        lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy,
      }),
      (error) => resolve({
        problem: error.code === error.PERMISSION_DENIED
          ? say("Your position was not shared. Move the map by hand.")
          : say("No position was found. Move the map by hand."),
      }),
      { enableHighAccuracy: true, timeout: 20_000, maximumAge: 0 },
    );
  });
}

export function add_locate_control(map: L.Map): void {
  const Locate = L.Control.extend({
    options: { position: "topleft" as const },
    onAdd: () => {
      const bar = L.DomUtil.create("div", "leaflet-bar");
      const button = L.DomUtil.create("button", "map-button", bar);
      button.type = "button";
      button.title = say("Show where I am");
      button.setAttribute("aria-label", button.title);
      button.append(target_sign());
      L.DomEvent.disableClickPropagation(bar);
      let circle: L.Circle | undefined;
      button.addEventListener("click", () => {
        button.setAttribute("aria-busy", "true");
        void ask_position().then((fix) => {
          button.removeAttribute("aria-busy");
          circle?.remove();
          if ("problem" in fix) {
            button.title = fix.problem;
            L.popup().setLatLng(map.getCenter()).setContent(fix.problem).openOn(map);
            return;
          }
          circle = L.circle(to_leaflet(fix), { radius: fix.accuracy_m, className: "accuracy" });
          circle.addTo(map);
          map.fire("locationfound", { latlng: L.latLng(to_leaflet(fix)) });
          map.fitBounds(circle.getBounds(), { maxZoom: 18 });
        });
      });
      return bar;
    },
  });
  new Locate().addTo(map);
}

/** The sign of "where am I". */
export function target_sign(): SVGElement {
  const sign = svg_element("svg", { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" });
  sign.append(
    svg_element("circle", { cx: 12, cy: 12, r: 6 }),
    svg_element("path", { d: "M12 1v5M12 18v5M1 12h5M18 12h5" }),
  );
  return sign;
}
