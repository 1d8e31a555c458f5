/** Every `[data-map]`: the map page (`data-map="explorer"`), a city's, a device's. */

import "../ui/leaflet.css";
import "../ui/map.css";
import "../ui/presence.css";

import { DeviceMap } from "./device_map";
import { explore } from "./explorer";

for (const element of document.querySelectorAll<HTMLElement>("[data-map]")) {
  element.classList.add("is-live");
  if (element.dataset["map"] === "explorer") explore(element);
  else new DeviceMap(element, { is_whole_page: false });
}
const form = document.querySelector<HTMLFormElement>("#main > section form[data-presence]");
if (form) void import("../report/presence").then(({ take_presence }) => take_presence(form));
