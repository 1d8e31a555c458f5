/** What every page gets: the styles, and three small conveniences that nothing depends on. */

import "./main.css";

import { offer_copying, offer_printing, send_on_change } from "./ui/conveniences";

offer_copying(document);
offer_printing(document);
send_on_change(document);
