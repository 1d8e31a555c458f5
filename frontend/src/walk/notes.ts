/** The form for paper notes: rows by the Enter key, places by the map, last answers first. */

import { say } from "../i18n/messages";
import { reference_of, share_of, type Share } from "./grid";

/** The picture's side and the band around its map, as `mapper/basemap/sheet_picture.py` draws it. */
const PICTURE = 760;
const MARGIN = 20;
const SHEET = PICTURE - 2 * MARGIN;
/** A click is good to a metre and a half. */
const NINTHS = 3;
const LAST_ANSWERS = 3;
const SVG = "http://www.w3.org/2000/svg";

type Row = HTMLFieldSetElement;

class Notes {
  readonly #form: HTMLFormElement;
  readonly #pick: HTMLElement;
  readonly #overlay: SVGSVGElement;
  readonly #said: Element | null;
  readonly #devices = new Map<string, string>();
  #row: Row;
  #cross: Share = { x: 0.5, y: 0.5 };

  constructor(form: HTMLFormElement, pick: HTMLElement) {
    this.#form = form;
    this.#pick = pick;
    this.#said = form.querySelector("[data-walk-cross]");
    this.#row = this.#rows[0]!;
    this.#overlay = draw("svg", { viewBox: `0 0 ${PICTURE} ${PICTURE}`, "aria-hidden": "true" });
    pick.append(this.#overlay);
    for (const item of form.querySelectorAll(".walk-known li")) {
      const [number, , words] = [...item.children];
      this.#devices.set(number?.textContent ?? "", words?.textContent ?? "");
    }
    form.querySelector("[data-walk-keys]")?.removeAttribute("hidden");
    form.addEventListener("keydown", (event) => this.#on_key(event));
    form.addEventListener("focusin", (event) => {
      const row = (event.target as Element).closest<Row>("[data-walk-row]");
      if (row) this.#row = row;
    });
    form.addEventListener("input", (event) => this.#on_input(event));
    form.addEventListener("change", (event) => this.#offer_again(event));
    this.#listen_to_picture();
    this.#draw_pins();
  }

  get #rows(): Row[] {
    return [...this.#form.querySelectorAll<Row>("[data-walk-row]")];
  }

  #on_key(event: KeyboardEvent): void {
    const field = event.target as HTMLElement;
    if (event.key !== "Enter" || field.closest("button, a, summary, [data-walk-pick]")) return;
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      this.#form.requestSubmit();
      return;
    }
    const row = field.closest<Row>("[data-walk-row]");
    const rows = this.#rows;
    const next = row ? (rows[rows.indexOf(row) + 1] ?? this.#add_row()) : rows[0];
    if (next) field_of(next, "ref")?.focus();
  }

  /** One more row like the last, empty, while a post takes it. */
  #add_row(): Row | undefined {
    const rows = this.#rows;
    const last = rows.at(-1)!;
    if (rows.length >= (Number(this.#form.dataset["mostRows"]) || 0)) {
      this.#form.querySelector<HTMLButtonElement>("button.button--primary")?.focus();
      return undefined;
    }
    const row = last.cloneNode(true) as Row;
    const n = rows.length;
    row.classList.remove("is-wrong");
    row.querySelectorAll(".field__error, .walk-row__said").forEach((words) => words.remove());
    const number = row.querySelector("legend")?.lastChild;
    if (number) number.textContent = ` ${n + 1}`;
    for (const field of row.querySelectorAll<HTMLInputElement | HTMLSelectElement>("[name]")) {
      field.name = field.name.replace(/\d+$/, String(n));
      if (field.id) field.id = field.name;
      // Without a secure context, as at an onion address, the server gives the row its id.
      field.value = field.type === "hidden" ? (crypto.randomUUID?.() ?? "") : "";
      field.removeAttribute("aria-invalid");
      field.removeAttribute("aria-describedby");
    }
    for (const label of row.querySelectorAll("label")) {
      label.htmlFor = label.htmlFor.replace(/\d+$/, String(n));
    }
    last.after(row);
    return row;
  }

  #on_input(event: Event): void {
    const field = event.target as HTMLInputElement;
    if (!field.name.startsWith("ref-")) return;
    this.#draw_pins();
    const row = field.closest<Row>("[data-walk-row]")!;
    let said = row.querySelector(".walk-row__said");
    if (!said) {
      said = document.createElement("p");
      said.className = "walk-row__said quiet";
      row.append(said);
    }
    said.textContent = this.#device_words(field.value.trim());
  }

  /** What a typed number means, so that a slip is seen at once. */
  #device_words(typed: string): string {
    if (!/^\d{3,}$/.test(typed)) return "";
    const words = this.#devices.get(typed);
    return words ?? say("No device of this sheet has this number.");
  }

  /** What was answered last stands first in the rows below. */
  #offer_again(event: Event): void {
    const field = event.target as HTMLSelectElement;
    const name = /^(what|mount)-/.exec(field.name)?.[1];
    if (!name || !field.value) return;
    const words = field.selectedOptions[0]!.textContent ?? "";
    for (const row of this.#rows) {
      const select = field_of(row, name) as HTMLSelectElement | null;
      if (!select || select.value) continue;
      let group = select.querySelector<HTMLOptGroupElement>("[data-last]");
      if (!group) {
        group = document.createElement("optgroup");
        group.label = say("Last answers");
        group.dataset["last"] = "";
        select.options[0]!.after(group);
      }
      const known = [...group.children].find((option) => (option as HTMLOptionElement).value === field.value);
      known?.remove();
      group.prepend(new Option(words, field.value));
      while (group.children.length > LAST_ANSWERS) group.lastChild!.remove();
    }
  }

  #listen_to_picture(): void {
    const pick = this.#pick;
    pick.tabIndex = 0;
    pick.setAttribute("role", "application");
    pick.setAttribute("aria-label", say("Map of the sheet: arrow keys move the cross, Enter writes its place"));
    pick.addEventListener("click", (event) => {
      const box = pick.getBoundingClientRect();
      const side = (at: number, size: number): number => ((at / size) * PICTURE - MARGIN) / SHEET;
      this.#cross = {
        x: clamped(side(event.clientX - box.left, box.width)),
        y: clamped(side(event.clientY - box.top, box.height)),
      };
      this.#write();
    });
    pick.addEventListener("keydown", (event) => {
      const step = 1 / (10 * 3 ** (event.shiftKey ? 1 : 2));
      const moves: Record<string, [number, number]> = {
        ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step],
      };
      const move = moves[event.key];
      if (event.key === "Enter") this.#write();
      else if (move) {
        this.#cross = { x: clamped(this.#cross.x + move[0]), y: clamped(this.#cross.y + move[1]) };
        this.#tell(reference_of(this.#cross, 2));
      } else return;
      event.preventDefault();
      this.#draw_pins();
    });
    pick.addEventListener("focus", () => this.#draw_pins());
    pick.addEventListener("blur", () => this.#draw_pins());
  }

  /** Write the cross's place into the row at hand, or the next one without a place. */
  #write(): void {
    const rows = this.#rows;
    const at = Math.max(rows.indexOf(this.#row), 0);
    const free = [...rows.slice(at), ...rows.slice(0, at)].find((row) => !field_of(row, "ref")?.value);
    const row = free ?? this.#add_row();
    const field = row && field_of(row, "ref");
    if (!row || !field) return;
    field.value = reference_of(this.#cross, NINTHS);
    this.#tell(say("Row {number}: {place}", {
      number: String(this.#rows.indexOf(row) + 1), place: field.value,
    }));
    this.#draw_pins();
    field_of(row, "what")?.focus();
  }

  #tell(words: string): void {
    if (this.#said) this.#said.textContent = words;
  }

  #draw_pins(): void {
    this.#overlay.replaceChildren();
    for (const [index, row] of this.#rows.entries()) {
      const share = share_of(field_of(row, "ref")?.value ?? "");
      if (share) this.#overlay.append(pin(share, String(index + 1)));
    }
    if (document.activeElement === this.#pick) {
      const [x, y] = [MARGIN + this.#cross.x * SHEET, MARGIN + this.#cross.y * SHEET];
      this.#overlay.append(draw("path", { class: "walk-cross", d: `M${x - 16} ${y}h32M${x} ${y - 16}v32` }));
    }
  }
}

function field_of(row: Element, name: string): HTMLInputElement | HTMLSelectElement | null {
  return row.querySelector<HTMLInputElement | HTMLSelectElement>(`[name^="${name}-"]`);
}

function pin({ x, y }: Share, number: string): SVGElement {
  const [cx, cy] = [MARGIN + x * SHEET, MARGIN + y * SHEET];
  const group = draw("g", { class: "walk-pin" });
  const text = draw("text", { x: cx, y: cy + 4, "text-anchor": "middle" });
  text.textContent = number;
  group.append(draw("circle", { cx, cy, r: 10 }), text);
  return group;
}

function draw<Name extends keyof SVGElementTagNameMap>(
  name: Name, attributes: Readonly<Record<string, string | number>>,
): SVGElementTagNameMap[Name] {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}

function clamped(share: number): number {
  return Math.min(Math.max(share, 0), 0.999999);
}

const form = document.querySelector<HTMLFormElement>("form[data-walk-notes]");
const picture = form?.querySelector<HTMLElement>("[data-walk-pick]");
if (form && picture) new Notes(form, picture);
