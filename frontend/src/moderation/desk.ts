/** The desk of one report: keys press its buttons, answers take its place, the focus goes on. */

import { say } from "../i18n/messages";
import { are_keys_on, button_of, key_of, show_keys, switch_keys } from "./keys";
import { make_photo_boxes, type PhotoBoxes } from "./photo_boxes";
import { enlarge_photos } from "./photo_zoom";
import { make_review_map, type ReviewMap } from "./review_map";
import { failure_words, make_status, send } from "./swap";
import { turned } from "./turning";

/** How long the undo bar stands out; undoing stays possible after it. */
export const UNDO_BAR_MS = 10_000;

export class Desk {
  readonly #status = make_status();
  #maps: ReviewMap[] = [];
  #photos: PhotoBoxes[] = [];
  #is_busy = false;
  #shown = location.pathname + location.search;
  #late = 0;

  constructor() {
    document.addEventListener("keydown", (event) => this.#press(event));
    document.addEventListener("keyup", () => this.#cover());
    window.addEventListener("blur", () => this.#cover());
    document.addEventListener("click", (event) => this.#act(event.target as Element));
    document.addEventListener("change", ({ target }) => this.#change(target as Element));
    document.addEventListener("submit", (event) => this.#submit(event));
    window.addEventListener("popstate", () => {
      if (location.pathname + location.search !== this.#shown) location.reload();
    });
    this.#stand();
  }

  /** Bring to life what just came into the page. */
  #stand(): void {
    const maps = [...document.querySelectorAll<HTMLElement>("[data-moderation-map]")];
    this.#maps = maps.map(make_review_map).filter((map): map is ReviewMap => map !== null);
    this.#photos = make_photo_boxes(document, (words) => this.#warn(words));
    enlarge_photos(document);
    for (const part of document.querySelectorAll<HTMLElement>("[data-needs-script]")) part.hidden = false;
    for (const part of document.querySelectorAll<HTMLElement>("[data-without-script]")) part.hidden = true;
    const is_on = are_keys_on();
    show_keys(document, is_on);
    const key_switch = document.querySelector<HTMLInputElement>("[data-keys-switch]");
    if (key_switch) key_switch.checked = is_on;
    note_photos();
    clearTimeout(this.#late);
    const bars = [...document.querySelectorAll(".undo-bar")];
    this.#late = window.setTimeout(() => bars.forEach((bar) => bar.classList.add("is-late")), UNDO_BAR_MS);
  }

  #press(event: KeyboardEvent): void {
    if (event.defaultPrevented || document.querySelector("dialog[open]") || !are_keys_on()) return;
    const key = key_of(event, event.target as Element);
    if (key === "h" && this.#photos.length > 0) {
      for (const photo of this.#photos) photo.held?.open();
      return;
    }
    const button = key === null ? null : button_of(key, document.activeElement);
    if (!button) return;
    event.preventDefault();
    button.click();
  }

  /** Whatever was held open is covered again. */
  #cover(): void {
    for (const photo of this.#photos) photo.held?.close();
  }

  #act(target: Element): void {
    const button = target.closest<HTMLElement>("[data-move-pin], [data-turn], [data-check-photo]");
    if (!button) return;
    if (button.dataset["turn"] !== undefined) this.#turn(Number(button.dataset["turn"]));
    else if (button.dataset["checkPhoto"] !== undefined) check_photo(button);
    else this.#maps[0]?.focus_pin();
  }

  #change(target: Element): void {
    if (target.matches("[data-keys-switch]")) switch_keys((target as HTMLInputElement).checked);
    if (target.closest("[data-gate]")) note_photos();
  }

  #turn(by_deg: number): void {
    const field = document.querySelector<HTMLInputElement>("[data-decision] [name=direction]");
    if (!field) return;
    const map = document.querySelector<HTMLElement>("[data-moderation-map]");
    field.value = turned(field.value, by_deg, Number(map?.dataset["photoDirectionDeg"]) || 0);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #submit(event: SubmitEvent): void {
    const form = event.target as HTMLFormElement;
    if (!document.querySelector("[data-desk]") || !form.closest("#main")) return;
    event.preventDefault();
    if (this.#is_busy) return;
    this.#is_busy = true;
    document.getElementById("main")?.setAttribute("aria-busy", "true");
    const swapping = { leave: () => this.#leave(), arrive: (said: string) => this.#arrive(said) };
    send(form, event.submitter, swapping)
      .catch(() => this.#warn(failure_words()))
      .finally(() => {
        this.#is_busy = false;
        document.getElementById("main")?.removeAttribute("aria-busy");
      });
  }

  /** Say what went wrong where all can see it; "" takes it away. */
  #warn(words: string): void {
    this.#status.textContent = words;
    this.#status.classList.toggle("visually-hidden", words === "");
  }

  #leave(): void {
    for (const map of this.#maps) map.remove();
  }

  #arrive(said: string): void {
    this.#shown = location.pathname + location.search;
    this.#stand();
    // What the notice says is spoken once, by the region that was there before.
    for (const bar of document.querySelectorAll(".undo-bar")) bar.removeAttribute("role");
    this.#status.classList.add("visually-hidden");
    this.#status.textContent = said;
    const refusal = document.querySelector<HTMLElement>("#main [role=alert]");
    const heading = refusal ?? document.querySelector<HTMLElement>("#main h1");
    if (heading) heading.tabIndex = -1;
    heading?.focus({ preventScroll: refusal === null });
  }
}

/** Take the focus to the next photo's checks, where the numbers tick them. */
function check_photo(button: HTMLElement): void {
  const gates = [...document.querySelectorAll<HTMLElement>("[data-gate]")];
  const here = gates.findIndex((gate) => gate.contains(document.activeElement));
  const own = button === document.activeElement ? button.closest(".photo")?.querySelector<HTMLElement>("[data-gate]") : null;
  const gate = own ?? gates[(here + 1) % gates.length];
  gate?.closest(".photo")?.scrollIntoView({ block: "nearest" });
  gate?.querySelector<HTMLInputElement>("input")?.focus();
}

/** Say beside the decision what will become of the photos. */
function note_photos(): void {
  const note = document.querySelector<HTMLElement>("[data-photo-note]");
  const gates = [...document.querySelectorAll("[data-gate]")];
  if (!note || gates.length === 0) return;
  const passed = gates.filter((gate) => !gate.querySelector("input:not(:checked)")).length;
  const count = gates.length;
  note.textContent = passed === 0
    ? say("Accepting publishes no photo: first tick all checks of one that may be shown.")
    : passed === count
      ? say("Accepting publishes every photo of this report.")
      : say("Accepting publishes {passed} of {count} photos; the rest is kept back.", { passed, count });
}
