/**
 * The words that scripts show. The English text is the key; the page's `#messages` catalogue
 * (`mapper/web/messages.py`) holds the translation. Plural forms: `Intl.PluralRules`.
 */

type Values = Readonly<Record<string, string | number>>;

let catalogue: Readonly<Record<string, string>> | undefined;

function translated(text: string): string {
  if (catalogue === undefined) {
    const element = document.getElementById("messages");
    catalogue = JSON.parse(element?.textContent || "{}") as Record<string, string>;
  }
  return catalogue[text] ?? text;
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
  return translated(text).replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(language()) : value;
  });
}

/** Say `one` or `many`, by the page's own plural rule, with `{count}` filled. */
export function say_count(one: string, many: string, count: number, values: Values = {}): string {
  const is_one = new Intl.PluralRules(language()).select(count) === "one";
  return say(is_one ? one : many, { count, ...values });
}

/** Join as a sentence does: "a, b and c". */
export function say_list(words: readonly string[]): string {
  return new Intl.ListFormat(language(), { type: "conjunction" }).format(words);
}
