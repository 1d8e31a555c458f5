/** The six pictures: a tap says kind and camera type. Last answers first, none preselected. */

import { recall, forget_answers, remember_type } from "./memory";

/** The tiles in the order of the last answers; those never given keep their place. */
export function in_order(tiles: readonly string[], last: readonly string[]): string[] {
  const known = last.filter((type) => tiles.includes(type));
  return [...new Set([...known, ...tiles])];
}

export class TypeTiles {
  readonly #form: HTMLFormElement;
  readonly #tiles: readonly HTMLButtonElement[];
  readonly #forget: HTMLButtonElement | null;

  constructor(form: HTMLFormElement, on_choose: () => void) {
    this.#form = form;
    this.#tiles = [...form.querySelectorAll<HTMLButtonElement>("[data-type]")];
    this.#forget = form.querySelector<HTMLButtonElement>("[data-forget]");
    for (const tile of this.#tiles) {
      tile.addEventListener("click", () => {
        this.#choose(tile.dataset["type"]!);
        remember_type(tile.dataset["type"]!);
        on_choose();
      });
    }
    this.#forget?.addEventListener("click", () => {
      forget_answers();
      this.sort();
    });
    this.#offer_others();
    this.sort();
    this.refresh();
  }

  /** The words of what was chosen; empty where nothing was. */
  get words(): string {
    const tile = this.#tiles.find((button) => button.getAttribute("aria-pressed") === "true");
    const radio = this.#form.querySelector<HTMLElement>('[name="kind"]:checked');
    return (tile ?? radio?.closest("label"))?.textContent?.trim() ?? "";
  }

  /** Show what the fields say. */
  refresh(): void {
    const kind = this.#form.querySelector<HTMLInputElement>('[name="kind"]:checked')?.value;
    const type = this.#form.querySelector<HTMLSelectElement>('[name="camera_type"]')?.value ?? "";
    for (const tile of this.#tiles) {
      tile.setAttribute("aria-pressed", String(tile.dataset["type"] === `${kind}/${type}`));
    }
  }

  sort(): void {
    const { types } = recall();
    const order = in_order(this.#tiles.map((tile) => tile.dataset["type"]!), types);
    const group = this.#tiles[0]?.parentElement;
    group?.append(...order.map((type) => this.#tiles.find((tile) => tile.dataset["type"] === type)!));
    if (this.#forget) this.#forget.hidden = types.length === 0;
  }

  #choose(said: string): void {
    const [kind, type] = said.split("/");
    const radio = this.#form.querySelector<HTMLInputElement>(`[name="kind"][value="${kind}"]`);
    const list = this.#form.querySelector<HTMLSelectElement>('[name="camera_type"]');
    if (radio) radio.checked = true;
    if (list) list.value = type ?? "";
    this.refresh();
  }

  /** The whole list of kinds lies behind a button; choosing there goes on by another. */
  #offer_others(): void {
    const button = this.#form.querySelector<HTMLButtonElement>("[data-other-kinds]");
    const list = this.#form.querySelector<HTMLElement>("[data-kinds]");
    const go_on = this.#form.querySelector<HTMLElement>("[data-go-on]");
    if (!button || !list || !go_on) return;
    list.hidden = go_on.hidden = true;
    button.addEventListener("click", () => {
      list.hidden = go_on.hidden = !list.hidden;
      button.setAttribute("aria-expanded", String(!list.hidden));
    });
    list.addEventListener("change", () => this.refresh());
  }
}
