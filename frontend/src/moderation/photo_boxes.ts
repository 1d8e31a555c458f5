/**
 * The boxes and the crop of a photo, moved where it is shown. The image is the server's covered
 * copy; what is drawn here lies over it until the server has drawn it too. What a form will send
 * is written at once, so that no decision goes out without a box that is already seen.
 */

import { say } from "../i18n/messages";
import {
  between, middle, moved, read_redaction, resized, step_px,
  type Box, type Redaction, type Sides, type Size,
} from "./box_edits";
import { hold_open, type Held } from "./hold_open";
import { enlarge } from "./photo_zoom";

const SAVE_AFTER_MS = 500;
const SAVE_AGAIN_MS = 5_000;
const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

export class PhotoBoxes {
  readonly held: Held | null;
  readonly #frame: HTMLElement;
  readonly #image: HTMLImageElement;
  readonly #field: HTMLInputElement;
  readonly #seen: HTMLInputElement | null;
  readonly #size: Size;
  readonly #layer = document.createElement("div");
  #redaction: Redaction;
  readonly #warn: (words: string) => void;
  #edits = 0;
  #late = 0;
  #is_warned = false;

  /** `warn` says to the moderator what went wrong with the saving; "" once it went right. */
  constructor(frame: HTMLElement, warn: (words: string) => void) {
    this.#warn = warn;
    const around = frame.parentElement!;
    this.#frame = frame;
    this.#image = frame.querySelector("img")!;
    this.#field = around.querySelector<HTMLInputElement>("[data-redaction]")!;
    this.#seen = around.querySelector<HTMLInputElement>("[data-seen]");
    this.#size = { width: Number(frame.dataset["width"]), height: Number(frame.dataset["height"]) };
    this.#redaction = read_redaction(this.#field.value);
    this.#layer.className = "photo-boxes__layer";
    frame.append(this.#layer);
    this.#layer.addEventListener("pointerdown", (event) => this.#draw(event));
    around.querySelector("[data-add-box]")?.addEventListener("click", () => this.add_box());
    around.querySelector("[data-crop]")?.addEventListener("click", () => this.crop());
    around.querySelector("[data-enlarge]")?.addEventListener("click", () => enlarge(this.#image));
    const holder = around.querySelector<HTMLElement>("[data-hold-open]");
    this.held = holder ? hold_open(holder, frame, frame.dataset["open"]!) : null;
    this.#show();
  }

  add_box(): void {
    this.#redaction.boxes.push({ ...middle(this.#size, 0.15), by: "moderator" });
    this.#changed();
    this.#show(this.#redaction.boxes.length - 1);
  }

  crop(): void {
    this.#redaction.crop ??= middle(this.#size, 0.5);
    this.#changed();
    this.#show("crop");
  }

  /** Draw all pieces anew; `focus` names the one that takes the focus. */
  #show(focus?: number | "crop"): void {
    const pieces = this.#redaction.boxes.map((_, place) => this.#piece(place));
    if (this.#redaction.crop) pieces.unshift(this.#piece("crop"));
    this.#layer.replaceChildren(...pieces);
    const wanted = pieces.find((piece) => piece.dataset["piece"] === String(focus));
    wanted?.focus({ preventScroll: true });
    wanted?.scrollIntoView({ block: "nearest" });
  }

  #piece(place: number | "crop"): HTMLElement {
    const piece = document.createElement("button");
    piece.type = "button";
    piece.dataset["piece"] = String(place);
    piece.className = place === "crop" ? "photo-crop" : "photo-box";
    const corner = document.createElement("span");
    corner.className = "photo-boxes__corner";
    piece.append(corner);
    piece.addEventListener("keydown", (event) => this.#press(event, place));
    piece.addEventListener("pointerdown", (event) => this.#drag(event, piece, place));
    for (const type of ["focus", "blur"]) piece.addEventListener(type, () => this.#help(type === "focus"));
    this.#lay(piece, place);
    return piece;
  }

  #lay(piece: HTMLElement, place: number | "crop"): void {
    const { left, top, right, bottom } = this.#sides(place);
    const { width, height } = this.#size;
    const percent = (part: number, whole: number): string => `${(100 * part) / whole}%`;
    piece.style.left = percent(left, width);
    piece.style.top = percent(top, height);
    piece.style.width = percent(right - left, width);
    piece.style.height = percent(bottom - top, height);
    const values = {
      n: place === "crop" ? 0 : place + 1,
      left: Math.round((100 * left) / width), top: Math.round((100 * top) / height),
      across: Math.round((100 * (right - left)) / width), down: Math.round((100 * (bottom - top)) / height),
    };
    piece.setAttribute("aria-label", place === "crop"
      ? say("Crop: {left} % from the left, {top} % from the top, {across} by {down} %", values)
      : say("Box {n}: {left} % from the left, {top} % from the top, {across} by {down} %", values));
  }

  #press(event: KeyboardEvent, place: number | "crop"): void {
    const arrow = ARROWS[event.key];
    if (arrow) {
      const step = step_px(this.#size);
      const change = event.shiftKey ? resized : moved;
      this.#put(place, change(this.#sides(place), arrow[0] * step, arrow[1] * step, this.#size));
      this.#lay(event.currentTarget as HTMLElement, place);
    } else if (event.key === "Delete" || event.key === "Backspace") {
      if (place === "crop") this.#redaction.crop = null;
      else this.#redaction.boxes.splice(place, 1);
      this.#changed();
      this.#show();
      this.#leave(place);
    } else if (event.key === "Enter" || event.key === "Escape") {
      this.#leave(place);
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Give the focus back to the button that the piece came from, and keep what was done. */
  #leave(place: number | "crop"): void {
    const from = place === "crop" ? "[data-crop]" : "[data-add-box]";
    this.#frame.parentElement?.querySelector<HTMLElement>(from)?.focus({ preventScroll: true });
    this.#save_soon(0);
  }

  #drag(event: PointerEvent, piece: HTMLElement, place: number | "crop"): void {
    if (event.button !== 0) return;
    event.preventDefault();
    event.stopPropagation();
    piece.focus({ preventScroll: true });
    const change = (event.target as Element).closest(".photo-boxes__corner") ? resized : moved;
    const start = this.#sides(place);
    const [x, y] = this.#point(event);
    this.#follow(piece, event, (now) => {
      const [right, down] = this.#point(now);
      this.#put(place, change(start, Math.round(right - x), Math.round(down - y), this.#size));
      this.#lay(piece, place);
    });
  }

  /** Drawing over the photo makes a new box. */
  #draw(event: PointerEvent): void {
    if (event.button !== 0 || event.pointerType === "touch") return;
    event.preventDefault();
    const start = this.#point(event);
    let place = -1;
    this.#follow(this.#layer, event, (now) => {
      const sides = between(start, this.#point(now), this.#size);
      const is_drawn = sides.right - sides.left > 4 && sides.bottom - sides.top > 4;
      if (place < 0 && !is_drawn) return;
      if (place < 0) place = this.#redaction.boxes.push({ ...sides, by: "moderator" }) - 1;
      this.#put(place, sides);
      this.#show(place);
    });
  }

  #follow(element: HTMLElement, event: PointerEvent, on: (now: PointerEvent) => void): void {
    element.setPointerCapture(event.pointerId);
    const end = (): void => {
      element.removeEventListener("pointermove", on);
      for (const type of ["pointerup", "pointercancel"]) element.removeEventListener(type, end);
    };
    element.addEventListener("pointermove", on);
    for (const type of ["pointerup", "pointercancel"]) element.addEventListener(type, end);
  }

  #point(event: PointerEvent): readonly [number, number] {
    const frame = this.#layer.getBoundingClientRect();
    return [
      ((event.clientX - frame.left) / frame.width) * this.#size.width,
      ((event.clientY - frame.top) / frame.height) * this.#size.height,
    ];
  }

  #sides(place: number | "crop"): Sides {
    return place === "crop" ? this.#redaction.crop! : this.#redaction.boxes[place]!;
  }

  #put(place: number | "crop", sides: Sides): void {
    if (place === "crop") this.#redaction.crop = sides;
    else this.#redaction.boxes[place] = { ...sides, by: "moderator" } satisfies Box;
    this.#changed();
  }

  #changed(): void {
    this.#edits += 1;
    this.#field.value = JSON.stringify(this.#redaction);
    this.#save_soon(SAVE_AFTER_MS);
  }

  #save_soon(after_ms: number): void {
    clearTimeout(this.#late);
    if (this.#edits > 0 && this.#frame.dataset["save"]) {
      this.#late = window.setTimeout(() => void this.#save(), after_ms);
    }
  }

  async #save(): Promise<void> {
    const edits = this.#edits;
    const token = document.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
    const body = new URLSearchParams({ act: "save", csrfmiddlewaretoken: token });
    for (const field of [this.#field, this.#seen]) if (field) body.set(field.name, field.value);
    const headers = { Accept: "application/json" };
    const answer = await fetch(this.#frame.dataset["save"]!, { method: "POST", body, headers }).catch(() => null);
    // What is decided meanwhile was decided with the boxes of this page; the page is gone.
    if (!this.#frame.isConnected) return;
    if (!answer?.ok) {
      await this.#not_saved(answer);
      return;
    }
    if (this.#is_warned) this.#warn("");
    this.#is_warned = false;
    const said = (await answer.json()) as Redaction & { seen: string };
    if (this.#seen) this.#seen.value = said.seen;
    if (edits !== this.#edits) return;
    this.#edits = 0;
    this.#redaction = { boxes: said.boxes, crop: said.crop };
    this.#field.value = JSON.stringify(this.#redaction);
    const focused = (document.activeElement as HTMLElement | null)?.dataset["piece"];
    const place = focused === "crop" ? "crop" : focused === undefined ? undefined : Number(focused);
    this.#show(place);
    const address = new URL(this.#image.src);
    address.searchParams.set("seen", said.seen);
    this.#image.src = address.href;
  }

  /** Say so: the photo shows boxes that the server has not. What it refused is not sent again. */
  async #not_saved(answer: Response | null): Promise<void> {
    this.#is_warned = true;
    if (answer && answer.status < 500) {
      const problem = (await answer.json().catch(() => ({}))) as { detail?: string };
      this.#warn(say("The boxes were not saved: {why}", { why: problem.detail ?? answer.status }));
      return;
    }
    this.#warn(say("The boxes are not saved yet: it is tried again, and a decision takes them too."));
    this.#save_soon(SAVE_AGAIN_MS);
  }

  #help(is_shown: boolean): void {
    const help = this.#frame.parentElement?.querySelector<HTMLElement>("[data-box-help]");
    if (help) help.hidden = !is_shown;
  }
}

/** Bring the photos of a page to life. */
export function make_photo_boxes(root: ParentNode, warn: (words: string) => void): PhotoBoxes[] {
  const frames = [...root.querySelectorAll<HTMLElement>("[data-photo-boxes]")];
  return frames.map((frame) => new PhotoBoxes(frame, warn));
}
