/** The moderator's desk: a pin to move, photos to look into, keys for every decision. */

import "../ui/leaflet.css";
import "../ui/map.css";
import "../ui/moderation.css";

import { Desk } from "./desk";

new Desk();
