/** The report form, made better: a map, a dial, photos checked before they travel. */

import "../ui/report.css";

import { say } from "../i18n/messages";
import { KEPT, send_by_outbox } from "../outbox/form";
import { start_outbox, work_offline } from "../outbox/outbox";
import { watch_photos } from "./photos";
import { Walk } from "./walk";

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
  const words = document.createElement("p");
  words.className = "notice sending";
  words.setAttribute("role", "status");
  words.textContent = say("Sending. Keep this page open.");
  form.append(words);
  addEventListener("pageshow", () => words.remove(), { once: true });
}

const main = document.querySelector<HTMLElement>("#main")!;
/** The page as it came, for the next report. */
const fresh = main.cloneNode(true);
const { title } = document;
/** A link that speaks of one device opened this page: the next report is of another. */
const is_of_one = main.querySelector('[name="device"]') !== null;
let walk: Walk | null = null;

function begin(form: HTMLFormElement): void {
  const photos = watch_photos(form, {
    photos: limit(form, "maxPhotos", 6), bytes: limit(form, "maxBytes", 20_000_000),
  });
  const direction = form.querySelector<HTMLElement>("[data-direction]");
  const place = form.querySelector<HTMLElement>("[data-place]");
  if (photos && "steps" in form.dataset) {
    walk = new Walk(form, photos);
  } else {
    if (place) add_map_in_time(form, place);
    if (direction) void import("./dial").then(({ add_dial }) => add_dial(direction));
  }
  send_by_outbox(form, () => {
    say_sending(form);
    // A draft is forgotten, whichever way the report goes.
    form.dispatchEvent(new CustomEvent(KEPT));
  });
}

function begin_all(): void {
  for (const form of main.querySelectorAll<HTMLFormElement>("form[data-report]")) begin(form);
  void start_outbox();
}

/** The next report on the same page, which alone remembers what was told a moment ago. */
function begin_again(event: MouseEvent): void {
  const has_asked = (event.target as Element).closest("[data-again]") !== null;
  if (!has_asked || !walk || is_of_one || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  void walk.end().then(() => {
    main.replaceChildren(...fresh.cloneNode(true).childNodes);
    document.title = title;
    begin_all();
    const heading = main.querySelector("h1")!;
    heading.tabIndex = -1;
    heading.focus();
  });
}

main.addEventListener("click", begin_again);
begin_all();
work_offline();
