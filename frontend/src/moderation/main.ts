/** The moderator's map and photos: a pin to move, neighbours and the photo's place to compare. */

import "../ui/leaflet.css";
import "../ui/map.css";
import "../ui/moderation.css";

import { enlarge_photos } from "./photo_zoom";
import { make_review_map } from "./review_map";

for (const element of document.querySelectorAll<HTMLElement>("[data-moderation-map]")) {
  make_review_map(element);
}
enlarge_photos(document);
