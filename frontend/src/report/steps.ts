/** One step of the form at a time: its parts shown and hidden, the way back, words for the way. */

import { say } from "../i18n/messages";

export type StepName = "photo" | "place" | "known" | "what" | "send";

/** What the walker counts; "known" is asked on the way only where something is near. */
const COUNTED: readonly StepName[] = ["photo", "place", "what", "send"];
const ORDER: readonly StepName[] = ["photo", "place", "known", "what", "send"];

/** How many reports this page has begun: the way back ends at the first step of the last one. */
let walks = 0;

export class Steps {
  now: StepName = "photo";
  readonly #form: HTMLFormElement;
  readonly #parts: ReadonlyMap<StepName, HTMLElement>;
  readonly #bar = draw_bar();
  readonly #on_show: (step: StepName) => void;
  readonly #walk = walks++;

  constructor(form: HTMLFormElement, on_show: (step: StepName) => void, signal: AbortSignal) {
    this.#form = form;
    this.#on_show = on_show;
    this.#parts = new Map(ORDER.map((name) => [name, form.querySelector<HTMLElement>(`[data-step="${name}"]`)!]));
    form.classList.add("is-walking");
    form.before(this.#bar.whole);
    for (const part of form.querySelectorAll<HTMLElement>("[data-app]")) part.hidden = false;
    this.#bar.back.addEventListener("click", () => history.back());
    addEventListener("popstate", ({ state }) => this.#show(step_of(state, this.#walk) ?? "photo"), { signal });
  }

  /** Show the first step; focus stays where the page has it. */
  begin(): void {
    history.replaceState({ step: this.now, walk: this.#walk }, "");
    this.#show(this.now, false);
  }

  part(name: StepName): HTMLElement {
    return this.#parts.get(name)!;
  }

  go(name: StepName): void {
    if (name === this.now) return;
    history.pushState({ step: name, walk: this.#walk }, "");
    this.#show(name);
  }

  #show(name: StepName, takes_focus = true): void {
    this.now = name;
    for (const [other, part] of this.#parts) part.hidden = other !== name;
    const head = document.querySelector<HTMLElement>("[data-step-head]");
    head?.classList.toggle("visually-hidden", name !== "photo");
    this.#form.dataset["now"] = name;
    this.#bar.whole.hidden = name === "photo";
    const number = Math.max(1, COUNTED.indexOf(name === "known" ? "place" : name) + 1);
    this.#bar.words.textContent = `${number} / ${COUNTED.length}`;
    this.#bar.progress.value = number;
    this.#on_show(name);
    if (takes_focus) focus_on(this.part(name));
  }
}

/** The step that an entry of the history stands for; none of an earlier report's. */
function step_of(state: unknown, walk: number): StepName | null {
  const { step, walk: of = 0 } = (state ?? {}) as { step?: StepName; walk?: number };
  return step && of === walk && ORDER.includes(step) ? step : null;
}

/** A screen reader hears the heading of what is new. */
function focus_on(part: HTMLElement): void {
  const heading = [...part.querySelectorAll<HTMLElement>("h2")].find((h) => !h.closest("[hidden]"));
  if (!heading) return;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  scrollTo({ top: 0, behavior: "instant" });
}

function draw_bar(): {
  whole: HTMLElement; back: HTMLButtonElement; words: HTMLElement; progress: HTMLProgressElement;
} {
  const whole = document.createElement("div");
  whole.className = "step-bar";
  const back = document.createElement("button");
  back.type = "button";
  back.className = "button--quiet";
  back.textContent = say("Back");
  const words = document.createElement("p");
  const progress = document.createElement("progress");
  progress.max = COUNTED.length;
  progress.setAttribute("aria-hidden", "true");
  whole.append(back, words, progress);
  return { whole, back, words, progress };
}
