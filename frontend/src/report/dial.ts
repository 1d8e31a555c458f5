/**
 * The direction dial: a slider round the compass, in step with the form's own radio buttons and
 * its field for degrees. At most one of the three ever speaks; several directions on one pole are
 * said by the field alone.
 */

import {
  center_deg, is_all_round, parse_walker_direction, type Octant,
} from "../geo/direction";
import { say } from "../i18n/messages";
import { octant_words } from "../map/sentences";
import { svg_element } from "../ui/sign";

const STEP_DEG = 5;
const CONE_WIDTH_DEG = 50;
const RADIUS = 78;

/** The bearing of a point seen from a middle, y downwards, to the nearest step. */
export function bearing_of(across: number, down: number): number {
  const degrees = (Math.atan2(across, -down) * 180) / Math.PI;
  return (((Math.round(degrees / STEP_DEG) * STEP_DEG) % 360) + 360) % 360;
}

/** What a key does to a bearing; null where it does nothing. */
export function bearing_after_key(key: string, bearing_deg: number): number | null {
  const turn: Record<string, number> = {
    ArrowRight: STEP_DEG, ArrowUp: STEP_DEG, ArrowLeft: -STEP_DEG, ArrowDown: -STEP_DEG,
    PageUp: 45, PageDown: -45,
  };
  if (key === "Home") return 0;
  if (key === "End") return 360 - STEP_DEG;
  return turn[key] === undefined ? null : (bearing_deg + turn[key] + 360) % 360;
}

/** "45°, north-east". */
export function bearing_words(bearing_deg: number): string {
  return `${Math.round(bearing_deg)}°, ${octant_words(bearing_deg)}`;
}

/** The cone's outline in the dial's own units, the middle at 0,0. */
export function cone_path(bearing_deg: number, width_deg = CONE_WIDTH_DEG): string {
  const at = (degrees: number): string => {
    const radians = (degrees * Math.PI) / 180;
    return `${(RADIUS * Math.sin(radians)).toFixed(1)} ${(-RADIUS * Math.cos(radians)).toFixed(1)}`;
  };
  const [from, to] = [bearing_deg - width_deg / 2, bearing_deg + width_deg / 2];
  return `M0 0L${at(from)}A${RADIUS} ${RADIUS} 0 0 1 ${at(to)}z`;
}

/** Put a dial into a `[data-direction]` fieldset. Nothing is chosen until the walker chooses. */
export function add_dial(fieldset: HTMLElement): Dial | null {
  const first = fieldset.querySelector<HTMLInputElement>('input[type="radio"][name="direction"]');
  const choices = first?.closest(".choices") ?? first?.parentElement?.parentElement;
  return choices ? new Dial(fieldset, choices) : null;
}

export class Dial {
  readonly element = document.createElement("div");
  readonly #fieldset: HTMLElement;
  readonly #face = draw_face();
  readonly #words = document.createElement("p");
  readonly #others = document.createElement("ul");
  readonly #add = document.createElement("button");
  /** The form's field for degrees; where it has none, a hidden one. */
  readonly #degrees: HTMLInputElement;
  /** What other heads on the pole look at, as texts of `parse_walker_direction`. */
  #kept: string[] = [];
  #bearing: number | null = null;

  constructor(fieldset: HTMLElement, choices: Element) {
    this.#fieldset = fieldset;
    this.#degrees = degrees_of(fieldset);
    this.element.className = "dial";
    this.#words.className = "dial__words";
    this.#words.setAttribute("role", "status");
    this.#others.className = "dial__others";
    this.element.append(this.#face.drawing);
    make_slider(this.element);
    this.#add.type = "button";
    this.#add.className = "button--quiet dial__add";
    this.#add.textContent = say("Add a direction: another head on this pole");
    this.#add.addEventListener("click", () => this.#keep());
    choices.before(this.element, this.#words);
    choices.after(this.#others, this.#add);
    fieldset.addEventListener("input", ({ target }) => {
      if (target === this.#degrees) this.#uncheck();
      else this.#take_button(target as HTMLInputElement);
      this.#show_said();
    });
    this.#show_said();
    this.#listen();
  }

  /** Whether anything was said, by hand or as an estimate. */
  get is_said(): boolean {
    return this.#checked !== null || this.#degrees.value !== "";
  }

  /** All that was said, in words; empty where nothing was. */
  get words(): string {
    return this.#words.textContent ?? "";
  }

  /** Read the fields anew, after something else has filled them. */
  refresh(): void {
    this.#show_said();
  }

  /** Preselect an octant, unless the walker has spoken; it is asked about in words. */
  estimate(octant: Octant): void {
    if (this.is_said) return;
    const radio = [...this.#radios].find(({ value }) => value === octant);
    if (!radio) return;
    radio.checked = true;
    this.#show_said();
    const wind = octant_words(this.#bearing ?? 0);
    this.#words.textContent = say("Estimated direction: {wind}. Right?", { wind });
  }

  get #radios(): NodeListOf<HTMLInputElement> {
    return this.#fieldset.querySelectorAll<HTMLInputElement>('input[type="radio"]');
  }

  get #checked(): HTMLInputElement | null {
    return this.#fieldset.querySelector<HTMLInputElement>('input[type="radio"]:checked');
  }

  #listen(): void {
    const element = this.element;
    element.addEventListener("keydown", (event) => {
      const next = bearing_after_key(event.key, this.#bearing ?? -STEP_DEG);
      if (next === null) return;
      event.preventDefault();
      this.#choose(next);
    });
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      // Over a map: the map must not move too.
      event.stopPropagation();
      this.#follow(event);
    });
    element.addEventListener("pointermove", (event) => {
      if (element.hasPointerCapture(event.pointerId)) this.#follow(event);
    });
  }

  #follow({ clientX, clientY }: PointerEvent): void {
    const { left, top, width, height } = this.element.getBoundingClientRect();
    this.#choose(bearing_of(clientX - left - width / 2, clientY - top - height / 2));
  }

  #choose(bearing_deg: number): void {
    this.#uncheck();
    this.#degrees.value = [...this.#kept, String(bearing_deg)].join(";");
    this.#show(bearing_deg, false);
  }

  /** A button alone speaks for itself; beside other heads, "all round" and "unknown" end them. */
  #take_button(radio: HTMLInputElement): void {
    const arc = parsed(radio.value)?.[0];
    const bearing = arc && !is_all_round(arc) ? center_deg(arc) : null;
    if (this.#kept.length === 0 || bearing === null) {
      this.#kept = [];
      this.#degrees.value = "";
      return;
    }
    this.#choose(bearing);
  }

  /** The direction shown becomes that of one head; the next one is asked for. */
  #keep(): void {
    if (this.#bearing === null) return;
    this.#kept = this.#checked
      ? [...this.#kept, String(this.#bearing)]
      : this.#degrees.value.split(";").filter(Boolean);
    this.#uncheck();
    this.#degrees.value = this.#kept.join(";");
    this.#show(null, false);
    // The dial may lie far above the button; the next head is said there.
    this.element.focus();
  }

  #drop(index: number): void {
    const said = this.#degrees.value.split(";").filter(Boolean);
    this.#degrees.value = said.filter((_, other) => other !== index).join(";");
    this.#show_said();
  }

  #uncheck(): void {
    for (const radio of this.#radios) radio.checked = false;
  }

  /** Show what the buttons or the field say; of several directions the last is in hand. */
  #show_said(): void {
    const checked = this.#checked;
    const texts = checked ? [checked.value] : this.#degrees.value.split(";").filter(Boolean);
    const arcs = texts.map((text) => parsed(text)?.[0]);
    const is_readable = arcs.every((arc) => arc !== undefined);
    this.#kept = is_readable ? texts.slice(0, -1).map((text) => text.trim()) : [];
    const arc = is_readable ? arcs.at(-1) : undefined;
    this.#show(arc ? center_deg(arc) : null, arc ? is_all_round(arc) : false);
  }

  #show(bearing_deg: number | null, is_round: boolean): void {
    this.#bearing = bearing_deg;
    const { cone, ring, others } = this.#face;
    const kept = this.#kept.map((text) => center_deg(parsed(text)![0]!) ?? 0);
    cone.setAttribute("d", bearing_deg === null ? "" : cone_path(bearing_deg));
    others.setAttribute("d", kept.map((degrees) => cone_path(degrees)).join(""));
    ring.classList.toggle("is-all-round", is_round);
    const none = is_round ? say("all round") : "?";
    const words = bearing_deg === null ? none : bearing_words(bearing_deg);
    this.element.setAttribute("aria-valuetext", words);
    this.#words.textContent = [...kept.map(bearing_words), ...(bearing_deg === null && !is_round ? [] : [words])]
      .join(" + ");
    if (bearing_deg === null) this.element.removeAttribute("aria-valuenow");
    else this.element.setAttribute("aria-valuenow", String(bearing_deg));
    this.#add.hidden = bearing_deg === null;
    this.#others.replaceChildren(...kept.map((degrees, index) => this.#row_of(degrees, index)));
    this.#others.hidden = kept.length === 0;
  }

  #row_of(bearing_deg: number, index: number): HTMLElement {
    const row = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = say("Remove {name}", { name: bearing_words(bearing_deg) });
    button.addEventListener("click", () => this.#drop(index));
    row.append(button);
    return row;
  }
}

interface Face {
  readonly drawing: SVGElement;
  readonly cone: SVGElement;
  readonly ring: SVGElement;
  readonly others: SVGElement;
}

function parsed(text: string): ReturnType<typeof parse_walker_direction> {
  try {
    return parse_walker_direction(text);
  } catch {
    return null;
  }
}

function degrees_of(fieldset: HTMLElement): HTMLInputElement {
  const field = fieldset.querySelector<HTMLInputElement>('input[name="direction"]:not([type="radio"])');
  if (field) return field;
  const hidden = document.createElement("input");
  hidden.type = "hidden";
  hidden.name = "direction";
  fieldset.append(hidden);
  return hidden;
}

function make_slider(dial: HTMLElement): void {
  dial.tabIndex = 0;
  for (const [name, value] of Object.entries({
    role: "slider", "aria-label": say("Which way does it look?"),
    "aria-valuemin": "0", "aria-valuemax": "359", "aria-orientation": "horizontal",
  })) {
    dial.setAttribute(name, value);
  }
}

function draw_face(): Face {
  const drawing = svg_element("svg", {
    viewBox: "-100 -100 200 200", "aria-hidden": "true", class: "dial__face",
  });
  const ring = svg_element("circle", { r: RADIUS, class: "dial__ring" });
  const cone = svg_element("path", { class: "dial__cone" });
  const body = svg_element("circle", { r: 9, class: "dial__body" });
  const lens = svg_element("circle", { r: 4, class: "dial__lens" });
  const others = svg_element("path", { class: "dial__cone dial__cone--other" });
  // What a finger takes hold of: the ring, wide as a thumb.
  const grip = svg_element("circle", { r: RADIUS, class: "dial__grip" });
  drawing.append(ring, ...draw_ticks(), draw_north(), others, cone, grip, body, lens);
  return { drawing, cone, ring, others };
}

function draw_ticks(): SVGElement[] {
  return Array.from({ length: 24 }, (_, index) => {
    const inner = RADIUS - (index % 3 ? 4 : 8);
    const turn = `rotate(${index * 15})`;
    return svg_element("path", { d: `M0 ${-inner}V${-RADIUS}`, class: "dial__tick", transform: turn });
  });
}

/** A compass needle's head: north in every language. */
function draw_north(): SVGElement {
  return svg_element("path", { d: `M0 ${-RADIUS - 20}l8 15h-16z`, class: "dial__north" });
}
