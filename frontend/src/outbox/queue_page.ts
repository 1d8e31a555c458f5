/** The page of what waits: a row a report, what may be done with it, and erasing all. */

import { say, say_count } from "../i18n/messages";
import { erase_all } from "./erasing";
import { is_fleeting } from "./lasting";
import { listen, type News } from "./news";
import { can_keep, send_now, work_offline } from "./outbox";
import { forget_report, try_again, waiting_reports, type WaitingReport } from "./store";

function part(selector: string): HTMLElement {
  return document.querySelector<HTMLElement>(selector)!;
}

class QueuePage {
  readonly #list = part("[data-queue-list]");
  readonly #status = part("[data-queue-status]");
  readonly #send = part("[data-send-now]");
  /** Sent since this page was opened; nothing else remembers them. */
  readonly #sent = new Set<string>();
  #sending: string | null = null;
  #is_drawing = false;
  #is_stale = false;

  async start(): Promise<void> {
    part("[data-queue]").hidden = false;
    this.#send.addEventListener("click", () => void send_now());
    listen((news) => void this.#follow(news));
    await this.draw();
  }

  async #follow(news: News): Promise<void> {
    if (news.what === "erased") return;
    if (news.what === "sending") this.#sending = news.id;
    if (news.what === "sent") this.#sent.add(news.id);
    if (news.what === "sent" || news.what === "resting") this.#sending = null;
    await this.draw();
  }

  /** Draw the list; news that come meanwhile make it drawn once more. */
  async draw(): Promise<void> {
    this.#is_stale = true;
    if (this.#is_drawing) return;
    this.#is_drawing = true;
    while (this.#is_stale) {
      this.#is_stale = false;
      this.#fill(await waiting_reports(), await is_fleeting());
    }
    this.#is_drawing = false;
  }

  #fill(reports: readonly WaitingReport[], is_fleeting_here: boolean): void {
    const rows = reports.map((report) => row_of(report, this.#state_of(report)));
    const sent = [...this.#sent].map(() => sent_row());
    this.#list.replaceChildren(...rows, ...sent);
    this.#status.textContent = reports.length
      ? say_count("{count} report waits on this phone", "{count} reports wait on this phone", reports.length)
      : say("Nothing waits on this phone.");
    part("[data-fleeting]").hidden = reports.length === 0 || !is_fleeting_here;
    this.#send.hidden = !reports.some(({ parts }) => parts.some(({ refused }) => refused === undefined));
  }

  #state_of({ id, parts }: WaitingReport): string {
    if (parts.some(({ refused }) => refused !== undefined)) return say("To be mended");
    return id === this.#sending ? say("Sending") : say("Waiting");
  }
}

function row_of({ id, parts }: WaitingReport, state: string): HTMLElement {
  const row = document.createElement("li");
  const photos = parts.filter(({ place }) => place > 0).length;
  const has_report = photos < parts.length;
  const what = has_report
    ? say_count("Report with {count} photo", "Report with {count} photos", photos)
    : say_count("{count} photo of a report that was sent", "{count} photos of a report that was sent", photos);
  const words = document.createElement("span");
  words.append(line(what), line(state, "quiet"));
  for (const { refused } of parts) if (refused !== undefined) words.append(line(refused, "field__error"));
  const is_refused = parts.some(({ refused }) => refused !== undefined);
  const buttons = document.createElement("span");
  buttons.className = "list__end actions";
  if (is_refused) buttons.append(button(say("Try again"), () => void again(id)));
  buttons.append(delete_button(id));
  row.append(words, buttons);
  return row;
}

async function again(id: string): Promise<void> {
  await try_again(id);
  await send_now();
}

/** Nobody can bring it back: the first tap asks, the second deletes. */
function delete_button(id: string): HTMLButtonElement {
  const made = button(say("Delete"), () => {
    if (made.dataset["sure"] === undefined) {
      made.dataset["sure"] = "";
      made.textContent = say("Delete for good?");
      return;
    }
    void forget_report(id).then(() => {
      part("#queue-title").focus();
      return page.draw();
    });
  });
  return made;
}

function sent_row(): HTMLElement {
  const row = document.createElement("li");
  row.append(line(say("Sent")));
  return row;
}

function line(text: string, name = ""): HTMLElement {
  const made = document.createElement("span");
  made.className = `row-line ${name}`;
  made.textContent = text;
  return made;
}

function button(text: string, act: () => void): HTMLButtonElement {
  const made = document.createElement("button");
  made.type = "button";
  made.className = "button--quiet";
  made.textContent = text;
  made.addEventListener("click", act);
  return made;
}

function offer_erasing(): void {
  const sure = part("[data-erase-sure]");
  const ask = part("[data-erase-ask]");
  part("[data-erase]").hidden = false;
  ask.addEventListener("click", () => {
    void waiting_reports().catch(() => []).then(({ length }) => {
      part("[data-erase-loss]").textContent = length
        ? say_count("{count} report that was not sent will be lost.", "{count} reports that were not sent will be lost.", length)
        : say("Nothing waits to be sent.");
      sure.hidden = false;
      ask.hidden = true;
      part("[data-erase-loss]").focus();
    });
  });
  part("[data-erase-keep]").addEventListener("click", () => {
    sure.hidden = true;
    ask.hidden = false;
    ask.focus();
  });
  part("[data-erase-do]").addEventListener("click", () => void erase());
}

async function erase(): Promise<void> {
  const left = await erase_all().catch(() => ["?"]);
  part("[data-erase-sure]").hidden = true;
  part("[data-queue]").hidden = true;
  // Other pages would begin to keep things again.
  part("[data-onwards]").hidden = true;
  part("[data-erase-done]").hidden = left.length > 0;
  part("[data-erase-failed]").hidden = left.length === 0;
  part("[data-erase-ask]").hidden = left.length === 0;
  part("#erase-title").focus();
}

const page = new QueuePage();
if (can_keep()) {
  void page.start().then(send_now);
  work_offline();
} else {
  part("[data-queue-none]").hidden = false;
}
offer_erasing();
