/** The photos of a report: gathered, shown, and checked against the limits before anything is sent. */

import { say, say_count, say_measure } from "../i18n/messages";

export interface Limits {
  readonly photos: number;
  readonly bytes: number;
}

const TYPES = new Set(["image/jpeg", "image/png", "image/webp", "image/heic", "image/heif"]);
const ENDINGS = /\.(jpe?g|png|webp|heic|heif)$/i;

/** Why these can't be sent, one sentence each; empty where they can. */
export function problems_of(files: readonly File[], limits: Limits): string[] {
  const problems: string[] = [];
  if (files.length > limits.photos) {
    problems.push(say("A report takes at most {most} photos.", { most: limits.photos }));
  }
  for (const { name, size, type } of files) {
    if (size > limits.bytes) {
      problems.push(say("{name} has more than {most}. Choose a smaller copy.", {
        name, most: size_words(limits.bytes),
      }));
    }
    // A phone may give no type; then the ending speaks, and the server looks inside.
    if (size === 0 || (type ? !TYPES.has(type) : !ENDINGS.test(name))) {
      problems.push(say("{name} is no photo we can read. Choose a JPEG, PNG, WebP or HEIC.", { name }));
    }
  }
  return problems;
}

export function size_words(bytes: number): string {
  if (bytes < 1_000_000) return say_measure(Math.max(1, Math.round(bytes / 1000)), "kilobyte");
  return say_measure(Math.round(bytes / 100_000) / 10, "megabyte");
}

/** Files by what tells them apart: picking one twice keeps it once. */
export function merged(kept: readonly File[], added: readonly File[]): File[] {
  const key = (file: File): string => `${file.name}/${file.size}/${file.lastModified}`;
  return [...new Map([...kept, ...added].map((file) => [key(file), file])).values()];
}

/** Watch the file inputs of a form; each keeps what was picked before. */
export function watch_photos(form: HTMLFormElement, limits: Limits): PickedPhotos | null {
  const inputs = [...form.querySelectorAll<HTMLInputElement>('input[type="file"][name="photo"]')];
  return inputs.length ? new PickedPhotos(inputs, limits) : null;
}

export class PickedPhotos {
  /** Told of every change: the fields' files, in the order of the fields. */
  on_change: (fields: readonly (readonly File[])[]) => void = () => undefined;
  readonly #limits: Limits;
  readonly #kept: Map<HTMLInputElement, File[]>;
  readonly #last: HTMLInputElement;
  readonly #list = document.createElement("ul");
  readonly #status = document.createElement("div");
  readonly #urls: string[] = [];

  constructor(inputs: readonly HTMLInputElement[], limits: Limits) {
    this.#limits = limits;
    this.#kept = new Map(inputs.map((input) => [input, []]));
    this.#last = inputs.at(-1)!;
    this.#list.className = "picked";
    this.#status.setAttribute("role", "status");
    this.#last.after(this.#list, this.#status);
    for (const input of inputs) {
      input.addEventListener("change", () => {
        this.#set(input, merged(this.#kept.get(input)!, [...(input.files ?? [])]));
      });
    }
  }

  /** The files of each field. */
  get fields(): readonly (readonly File[])[] {
    return [...this.#kept.values()];
  }

  get has_problem(): boolean {
    return problems_of(this.fields.flat(), this.#limits).length > 0;
  }

  /** Put files back that a draft has kept. */
  restore(fields: readonly (readonly File[])[]): void {
    [...this.#kept.keys()].forEach((input, index) => {
      const files = fields[index];
      if (files?.length) this.#set(input, [...files]);
    });
  }

  /** Let the browser free the pictures that are shown. */
  let_go(): void {
    for (const url of this.#urls.splice(0)) URL.revokeObjectURL(url);
  }

  #set(input: HTMLInputElement, files: File[]): void {
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    input.files = transfer.files;
    this.#kept.set(input, files);
    this.#show();
    this.on_change(this.fields);
  }

  #show(): void {
    this.let_go();
    const rows = [...this.#kept].flatMap(([input, files]) =>
      files.map((file) =>
        row_of(file, this.#urls, () => this.#set(input, files.filter((other) => other !== file))),
      ),
    );
    this.#list.replaceChildren(...rows);
    const files = [...this.#kept.values()].flat();
    const problems = problems_of(files, this.#limits);
    this.#last.setCustomValidity(problems.join(" "));
    if (problems.length) this.#last.setAttribute("aria-invalid", "true");
    else this.#last.removeAttribute("aria-invalid");
    const lines = problems.length ? problems.map(error_line) : [count_line(files)];
    this.#status.replaceChildren(...lines);
  }
}

function row_of(file: File, shown: string[], remove: () => void): HTMLElement {
  const row = document.createElement("li");
  const picture = document.createElement("img");
  const url = URL.createObjectURL(file);
  shown.push(url);
  picture.src = url;
  picture.alt = "";
  // HEIC can't be drawn by most browsers; its name is enough.
  picture.addEventListener("error", () => picture.remove());
  const words = document.createElement("span");
  words.textContent = `${file.name}, ${size_words(file.size)}`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "button--quiet";
  button.textContent = say("Remove");
  button.setAttribute("aria-label", say("Remove {name}", { name: file.name }));
  button.addEventListener("click", remove);
  row.append(picture, words, button);
  return row;
}

function error_line(text: string): HTMLElement {
  const line = document.createElement("p");
  line.className = "field__error";
  line.textContent = text;
  return line;
}

function count_line(files: readonly File[]): HTMLElement {
  const line = document.createElement("p");
  line.className = "quiet small";
  line.textContent = files.length
    ? say_count("{count} photo", "{count} photos", files.length)
    : "";
  return line;
}
