/**
 * The direction dial: a slider round the compass, in step with the form's own radio buttons and
 * its field for degrees. At most one of the three ever speaks.
 */

import { center_deg, is_all_round, parse_walker_direction } from "../geo/direction";
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
export function add_dial(fieldset: HTMLElement): void {
  const first = fieldset.querySelector<HTMLInputElement>('input[type="radio"][name="direction"]');
  const choices = first?.closest(".choices") ?? first?.parentElement?.parentElement;
  if (choices) new Dial(fieldset, choices);
}

class Dial {
  readonly #fieldset: HTMLElement;
  readonly #element = document.createElement("div");
  readonly #face = draw_face();
  readonly #words = document.createElement("p");
  /** The form's field for degrees; where it has none, a hidden one. */
  readonly #degrees: HTMLInputElement;
  #bearing: number | null = null;

  constructor(fieldset: HTMLElement, choices: Element) {
    this.#fieldset = fieldset;
    this.#degrees = degrees_of(fieldset);
    this.#element.className = "dial";
    this.#words.className = "dial__words";
    this.#element.append(this.#face.drawing);
    make_slider(this.#element);
    choices.before(this.#element, this.#words);
    fieldset.addEventListener("input", ({ target }) => {
      if (target === this.#degrees) this.#uncheck();
      else this.#degrees.value = "";
      this.#show_said();
    });
    this.#show_said();
    this.#listen();
  }

  #listen(): void {
    const element = this.#element;
    element.addEventListener("keydown", (event) => {
      const next = bearing_after_key(event.key, this.#bearing ?? -STEP_DEG);
      if (next === null) return;
      event.preventDefault();
      this.#choose(next);
    });
    element.addEventListener("pointerdown", (event) => {
      element.setPointerCapture(event.pointerId);
      this.#follow(event);
    });
    element.addEventListener("pointermove", (event) => {
      if (element.hasPointerCapture(event.pointerId)) this.#follow(event);
    });
  }

  #follow({ clientX, clientY }: PointerEvent): void {
    const { left, top, width, height } = this.#element.getBoundingClientRect();
    this.#choose(bearing_of(clientX - left - width / 2, clientY - top - height / 2));
  }

  #choose(bearing_deg: number): void {
    this.#uncheck();
    this.#degrees.value = String(bearing_deg);
    this.#show(bearing_deg, false);
  }

  #uncheck(): void {
    for (const radio of this.#fieldset.querySelectorAll<HTMLInputElement>('input[type="radio"]')) {
      radio.checked = false;
    }
  }

  /** Show what the buttons or the field say; of several directions the first. */
  #show_said(): void {
    const checked = this.#fieldset.querySelector<HTMLInputElement>('input[type="radio"]:checked');
    const arc = parsed(checked?.value ?? this.#degrees.value)?.[0];
    this.#show(arc ? center_deg(arc) : null, arc ? is_all_round(arc) : false);
  }

  #show(bearing_deg: number | null, is_round: boolean): void {
    this.#bearing = bearing_deg;
    const { cone, ring } = this.#face;
    cone.setAttribute("d", bearing_deg === null ? "" : cone_path(bearing_deg));
    ring.classList.toggle("is-all-round", is_round);
    const none = is_round ? say("all round") : say("not chosen");
    const words = bearing_deg === null ? none : bearing_words(bearing_deg);
    this.#element.setAttribute("aria-valuetext", words);
    this.#words.textContent = bearing_deg === null && !is_round ? "" : words;
    if (bearing_deg === null) this.#element.removeAttribute("aria-valuenow");
    else this.#element.setAttribute("aria-valuenow", String(bearing_deg));
  }
}

interface Face {
  readonly drawing: SVGElement;
  readonly cone: SVGElement;
  readonly ring: SVGElement;
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
    role: "slider", "aria-label": say("Direction it looks, in degrees"),
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
  drawing.append(ring, ...draw_ticks(), ...draw_letters(), cone, body, lens);
  return { drawing, cone, ring };
}

function draw_ticks(): SVGElement[] {
  return Array.from({ length: 24 }, (_, index) => {
    const inner = RADIUS - (index % 3 ? 4 : 8);
    const turn = `rotate(${index * 15})`;
    return svg_element("path", { d: `M0 ${-inner}V${-RADIUS}`, class: "dial__tick", transform: turn });
  });
}

function draw_letters(): SVGElement[] {
  return [say("N"), say("E"), say("S"), say("W")].map((letter, index) => {
    const radians = (index * Math.PI) / 2;
    const text = svg_element("text", {
      x: 90 * Math.sin(radians), y: -90 * Math.cos(radians), class: "dial__letter",
    });
    text.textContent = letter;
    return text;
  });
}
