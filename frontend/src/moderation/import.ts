/** The desk's page for many photos: chosen, dropped, sent one by one, told of in a report. */

import { say, say_count } from "../i18n/messages";
import { chosen, dropped, type Gathered, in_order } from "./gathered";
import { ImportQueue, type Item } from "./import_queue";
import { digest_of, send_photo } from "./import_sending";

class ImportPage {
  readonly #form: HTMLFormElement;
  readonly #queue: ImportQueue;
  readonly #rows = new Map<Item, HTMLLIElement>();
  readonly #most_bytes: number;

  constructor(form: HTMLFormElement) {
    this.#form = form;
    this.#most_bytes = Number(form.dataset["mostBytes"]);
    this.#queue = new ImportQueue({
      send: (item, spots) => send_photo(form, item, spots, (share) => this.#show_share(item, share)),
      digest: digest_of,
      problem: (file) => this.#problem(file),
      changed: (item) => this.#show(item),
    });
    for (const part of document.querySelectorAll<HTMLElement>("[data-needs-script]")) part.hidden = false;
    for (const part of form.querySelectorAll<HTMLElement>("[data-plain]")) part.hidden = true;
    this.#listen();
  }

  #listen(): void {
    const form = this.#form;
    for (const input of form.querySelectorAll<HTMLInputElement>("[name=photo], [data-folder]")) {
      input.addEventListener("change", () => {
        this.#add(chosen(input.files ?? []));
        // Chosen again, it is another choice.
        input.value = "";
      });
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#run();
    });
    this.#part("[data-stop]").addEventListener("click", () => this.#queue.stop());
    window.addEventListener("beforeunload", (event) => {
      if (this.#queue.is_running) event.preventDefault();
    });
    this.#listen_for_drops(this.#part("[data-drop]"));
  }

  #listen_for_drops(zone: HTMLElement): void {
    // Beside the zone a drop would open the photo in place of the page.
    for (const name of ["dragover", "drop"]) document.addEventListener(name, (event) => event.preventDefault());
    zone.addEventListener("dragover", () => zone.classList.add("is-over"));
    for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("is-over"));
    zone.addEventListener("drop", (event) => {
      const items = event.dataTransfer?.items;
      if (items) void dropped(items).then((files) => this.#add(files));
    });
  }

  #add(files: readonly Gathered[]): void {
    const list = this.#part("[data-import-files]");
    const rows = this.#queue.add(in_order(files)).map((item) => this.#row(item));
    list.append(...rows);
    this.#part("[data-progress]").hidden = this.#queue.items.length === 0;
    this.#tell();
  }

  async #run(): Promise<void> {
    if (!(await this.#know_earlier())) return;
    if (this.#queue.count("waiting") === 0) {
      this.#form.querySelector<HTMLInputElement>("[name=photo]")?.focus();
      return;
    }
    this.#fail("");
    this.#switch(true);
    try {
      await this.#queue.run();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error));
    }
    this.#switch(false);
    this.#offer_report();
    this.#tell();
  }

  async #know_earlier(): Promise<boolean> {
    const file = this.#form.querySelector<HTMLInputElement>("[name=earlier]")?.files?.[0];
    if (!file || this.#queue.know(await file.text())) return true;
    this.#fail(say("The earlier report is no report of an import; choose the file that it wrote."));
    return false;
  }

  #switch(is_running: boolean): void {
    (this.#part("[data-start]") as HTMLButtonElement).disabled = is_running;
    this.#part("[data-stop]").hidden = !is_running;
    if (is_running) this.#part("[data-stop]").focus();
    else this.#part("[data-start]").focus();
  }

  #offer_report(): void {
    const link = this.#part("[data-report]") as HTMLAnchorElement;
    if (link.href) URL.revokeObjectURL(link.href);
    link.href = URL.createObjectURL(new Blob([this.#queue.report()], { type: "application/x-ndjson" }));
    link.hidden = this.#queue.done === 0;
  }

  #problem(file: File): string {
    if (file.size > this.#most_bytes) return say("it has more than 20 MB; make it smaller");
    return "";
  }

  #row(item: Item): HTMLLIElement {
    const row = document.createElement("li");
    row.innerHTML = `<p></p><span class="list__end"></span>`;
    row.querySelector("p")!.textContent = item.name;
    this.#rows.set(item, row);
    this.#show(item);
    return row;
  }

  #show(item: Item): void {
    const row = this.#rows.get(item);
    if (!row) return;
    row.className = `is-${item.state}`;
    row.querySelector(".list__end")!.replaceChildren(words_of(item));
    const name = row.querySelector("p")!;
    name.textContent = item.name;
    if (item.reason) {
      const reason = document.createElement("span");
      reason.className = "quiet";
      reason.textContent = item.reason;
      name.append(document.createElement("br"), reason);
    }
    const bar = this.#part("[data-import-bar]") as HTMLProgressElement;
    bar.max = this.#queue.items.length || 1;
    bar.value = this.#queue.done;
  }

  #show_share(item: Item, share: number): void {
    const bar = this.#rows.get(item)?.querySelector("progress");
    // Sent is not yet read: the bar goes on without a measure.
    if (bar && share < 1) bar.value = share;
    else bar?.removeAttribute("value");
  }

  /** Spoken when something stops or begins, not at every photo. */
  #tell(): void {
    const queue = this.#queue;
    const left = queue.count("waiting");
    const said = [];
    if (queue.done > 0) {
      const [taken, known, refused] = (["taken", "known", "refused"] as const).map((name) => queue.count(name));
      said.push(say("{taken} taken, {known} taken before, {refused} not taken.", {
        taken: taken ?? 0, known: known ?? 0, refused: refused ?? 0,
      }));
      said.push(say_count("They made {count} report.", "They made {count} reports.", queue.reports));
    }
    if (left > 0) said.push(say_count("{count} photo waits.", "{count} photos wait.", left));
    this.#part("[data-import-said]").textContent = said.join(" ");
  }

  #fail(words: string): void {
    const part = this.#part("[data-import-failed]");
    if (words) this.#part("[data-progress]").hidden = false;
    part.textContent = words;
    part.hidden = words === "";
  }

  #part(selector: string): HTMLElement {
    return document.querySelector<HTMLElement>(selector)!;
  }
}

function words_of(item: Item): Node {
  if (item.state === "sending") {
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.value = 0;
    bar.setAttribute("aria-label", item.name);
    return bar;
  }
  const words = {
    waiting: say("Waiting"), taken: say("Taken"), known: say("Taken before"), refused: say("Left out"),
  };
  return document.createTextNode(words[item.state]);
}

const form = document.querySelector<HTMLFormElement>("form[data-import]");
// Without a secure context no content can be known again; the plain form does it on the server.
if (form && globalThis.crypto?.subtle) new ImportPage(form);
