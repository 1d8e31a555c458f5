/**
 * The words that scripts show. The English text is the key; the page's `#messages` catalogue
 * (`mapper/web/messages.py`) holds the translation, of a text with a count all its forms. Which of
 * them a count takes is said under the key "".
 */

type Values = Readonly<Record<string, string | number>>;

type Catalogue = Readonly<Record<string, string | readonly string[]>>;

let catalogue: Catalogue | undefined;

function entry_of(text: string): string | readonly string[] | undefined {
  if (catalogue === undefined) {
    const element = document.getElementById("messages");
    catalogue = JSON.parse(element?.textContent || "{}") as Catalogue;
  }
  return catalogue[text];
}

function translated(text: string): string {
  const entry = entry_of(text);
  return typeof entry === "string" ? entry : text;
}

/** The form that a count takes; in English where the catalogue has none. */
function form_of(one: string, many: string, count: number): string {
  const [forms, table] = [entry_of(one), entry_of("")];
  if (typeof forms !== "object" || typeof table !== "string") return count === 1 ? one : many;
  // No rule looks at more than the last two figures of what is above the table.
  const place = count < table.length ? count : 100 + (count % 100);
  return forms[Number(table[place])] ?? many;
}

/** Forget the catalogue, for a page (or test) that brings another. */
export function forget_catalogue(): void {
  catalogue = undefined;
}

export function language(): string {
  return document.documentElement.lang || "fr";
}

/** Translate, filling `{name}` from `values`; numbers in the page's own form. */
export function say(text: string, values: Values = {}): string {
  return filled(translated(text), values);
}

function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(language()) : apart(value);
  });
}

/** From right to left, the name of a file or a wind keeps its own order in the sentence. */
function apart(value: string): string {
  return document.documentElement.dir === "rtl" ? `\u2068${value}\u2069` : value;
}

/** Say `one` or `many`, by the page's own plural rule, with `{count}` filled. */
export function say_count(one: string, many: string, count: number, values: Values = {}): string {
  return filled(form_of(one, many, count), { count, ...values });
}

/** A number with its unit, as the language writes it: "12 m", "3,2 Mo". */
export function say_measure(value: number, unit: "meter" | "kilobyte" | "megabyte"): string {
  return new Intl.NumberFormat(language(), { style: "unit", unit }).format(value);
}

/** Join as a sentence does: "a, b and c". */
export function say_list(words: readonly string[]): string {
  return new Intl.ListFormat(language(), { type: "conjunction" }).format(words);
}
