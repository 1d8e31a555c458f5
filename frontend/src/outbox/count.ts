/** Shows in `[data-waiting]` how many reports wait on this phone; hidden where none does. */

import { say_count } from "../i18n/messages";
import { listen } from "./news";
import { waiting_reports } from "./store";

let is_listening = false;

export async function show_count(): Promise<void> {
  if (!is_listening) listen((news) => { if (news.what === "changed" || news.what === "sent") void show(); });
  is_listening = true;
  await show();
}

async function show(): Promise<void> {
  const { length } = await waiting_reports();
  for (const place of document.querySelectorAll<HTMLElement>("[data-waiting]")) {
    place.hidden = length === 0;
    const words = place.querySelector("a") ?? place;
    words.textContent = say_count(
      "{count} report waits on this phone", "{count} reports wait on this phone", length,
    );
  }
}
