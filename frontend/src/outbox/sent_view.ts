/**
 * The page after "send": the twelve words, shown this once, and what becomes of the report. Made
 * from the page's own `<template id="sent-view">`, so that it is there without a network.
 */

import { offer_copying, offer_printing } from "../ui/conveniences";
import { is_fleeting } from "./lasting";
import { listen, remember_removed, removed_of, type News } from "./news";
import type { Kept } from "./outbox";
import { names_of } from "./removed_names";
import { report_of } from "./store";

type State = "sending" | "kept" | "sent" | "refused";

/**
 * Put the sent page in the place of the form, or into `main`. `removed` are the codes of what the
 * phone itself took out of the photos; the page's `#removed-names` has their words.
 */
export async function show_sent(
  { id, words }: Kept, removed: readonly string[] = [], main = document.querySelector<HTMLElement>("#main"),
): Promise<void> {
  const template = document.querySelector<HTMLTemplateElement>("#sent-view");
  if (!template || !main) return;
  // Read before the form, and the names with it, makes room.
  remember_removed(id, names_of(removed));
  const view = template.content.cloneNode(true) as DocumentFragment;
  fill_words(view, words);
  offer_copying(view);
  offer_printing(view);
  history.replaceState(null, "");
  main.replaceChildren(view);
  scrollTo({ top: 0, behavior: "instant" });
  const shown = new SentView(id, main);
  const state = main.querySelector<HTMLElement>("[data-sent-state]");
  const stop = listen((news) => {
    // The next report has taken its place.
    if (!state?.isConnected) stop();
    else void shown.follow(news);
  });
  await shown.look();
  state?.focus();
}

function fill_words(view: ParentNode, words: readonly string[]): void {
  const items = words.map((word) => Object.assign(document.createElement("li"), { textContent: word }));
  view.querySelector("#code")?.replaceChildren(...items);
  view.querySelector("#code-text")?.replaceChildren(words.join(" "));
  for (const field of view.querySelectorAll<HTMLInputElement>('input[name="code"]')) {
    field.value = words.join(" ");
  }
}

class SentView {
  readonly #id: string;
  readonly #root: HTMLElement;
  #state: State = navigator.onLine ? "sending" : "kept";

  constructor(id: string, root: HTMLElement) {
    this.#id = id;
    this.#root = root;
  }

  async follow(news: News): Promise<void> {
    if (news.what === "resting") this.#state = "kept";
    else if ("id" in news && news.id !== this.#id) return;
    else if (news.what === "sending") this.#state = "sending";
    await this.look();
  }

  /** See what the outbox says of the report. */
  async look(): Promise<void> {
    this.#show_removed();
    const report = await report_of(this.#id);
    const refused = report?.parts.find((part) => part.refused !== undefined)?.refused;
    if (!report) this.#state = "sent";
    else if (refused !== undefined) this.#state = "refused";
    this.#root.querySelector("[data-reason]")?.replaceChildren(refused ?? "");
    await this.#show();
  }

  async #show(): Promise<void> {
    for (const part of this.#root.querySelectorAll<HTMLElement>("[data-when]")) {
      part.hidden = !part.dataset["when"]!.split(" ").includes(this.#state);
    }
    const title = this.#root.querySelector<HTMLElement>("h1:not([hidden])")?.textContent;
    if (title) document.title = `${title} – Contrechamp`;
    const fleeting = this.#root.querySelector<HTMLElement>("[data-fleeting]");
    if (fleeting) fleeting.hidden = this.#state !== "kept" || !(await is_fleeting());
  }

  #show_removed(): void {
    const names = removed_of(this.#id);
    const section = this.#root.querySelector<HTMLElement>("[data-removed]");
    if (!section || names.length === 0) return;
    const items = names.map((name) =>
      Object.assign(document.createElement("li"), { textContent: name }));
    section.querySelector("ul")?.replaceChildren(...items);
    section.hidden = false;
  }
}
