/** The report form, made better: a map, a dial, photos checked before they travel. */

import "../ui/report.css";

import { say_count } from "../i18n/messages";
import { send_by_outbox } from "../outbox/form";
import { start_outbox, work_offline } from "../outbox/outbox";
import { add_dial } from "./dial";
import { watch_photos } from "./photos";

function limit(form: HTMLFormElement, name: string, usual: number): number {
  return Number(form.dataset[name]) || usual;
}

/** Load the map when its section comes near, or as soon as a photo is being chosen. */
function add_map_in_time(form: HTMLFormElement, section: HTMLElement): void {
  let is_asked = false;
  const add = (): void => {
    if (is_asked) return;
    is_asked = true;
    watcher.disconnect();
    void import("./place").then(({ add_place_map }) => add_place_map(section));
  };
  const watcher = new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) add();
  }, { rootMargin: "600px" });
  watcher.observe(section);
  form.querySelector('input[type="file"]')?.addEventListener("click", add, { once: true });
}

/** Say that the form is on its way; coming back takes the words away. */
function say_sending(form: HTMLFormElement): void {
  const count = [...form.querySelectorAll<HTMLInputElement>('input[type="file"]')].reduce(
    (sum, input) => sum + (input.files?.length ?? 0), 0,
  );
  const words = document.createElement("p");
  words.className = "notice sending";
  words.setAttribute("role", "status");
  words.textContent = say_count(
    "Sending, with {count} photo. Keep this page open.",
    "Sending, with {count} photos. Keep this page open.", count,
  );
  form.append(words);
  addEventListener("pageshow", () => words.remove(), { once: true });
}

for (const form of document.querySelectorAll<HTMLFormElement>("form[data-report]")) {
  watch_photos(form, {
    photos: limit(form, "maxPhotos", 6), bytes: limit(form, "maxBytes", 20_000_000),
  });
  const place = form.querySelector<HTMLElement>("[data-place]");
  if (place) add_map_in_time(form, place);
  const direction = form.querySelector<HTMLElement>("[data-direction]");
  if (direction) add_dial(direction);
  send_by_outbox(form, () => say_sending(form));
}
void start_outbox();
work_offline();
