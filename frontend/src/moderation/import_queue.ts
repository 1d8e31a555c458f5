/**
 * Photos go to the server one by one, so that a broken network costs one, and that one is sent again
 * under the same id. What was taken is known again by its content, in this sending and, where its
 * report is given, from an earlier one.
 */

import type { Gathered } from "./gathered";

export type Result = "taken" | "known" | "refused";

export interface Answer {
  readonly result: Result;
  readonly reason: string;
  readonly sha256: string;
  readonly spots: string;
  readonly is_new_report: boolean;
}

export interface Item extends Gathered {
  readonly id: string;
  state: "waiting" | "sending" | Result;
  reason: string;
  sha256: string;
}

export interface Sender {
  /** Send one photo; throws where no answer came. */
  send(item: Item, spots: string): Promise<Answer>;
  digest(file: File): Promise<string>;
  /** Why a file need not even be sent. */
  problem(file: File): string;
  /** Told of every change of an item. */
  changed(item: Item): void;
}

export class ImportQueue {
  readonly items: Item[] = [];
  reports = 0;
  #spots = "";
  #is_stopped = false;
  #is_running = false;
  readonly #taken = new Set<string>();
  readonly #sender: Sender;

  constructor(sender: Sender) {
    this.#sender = sender;
  }

  get is_running(): boolean {
    return this.#is_running;
  }

  get done(): number {
    return this.items.length - this.count("waiting") - this.count("sending");
  }

  count(state: Item["state"]): number {
    return this.items.filter((item) => item.state === state).length;
  }

  add(files: readonly Gathered[]): Item[] {
    const added = files.map((one): Item => {
      return { ...one, id: crypto.randomUUID(), state: "waiting", reason: "", sha256: "" };
    });
    this.items.push(...added);
    return added;
  }

  /** Let what the report of an earlier import says was taken be known; false if it is none. */
  know(report: string): boolean {
    for (const line of report.split("\n")) {
      if (!line.trim()) continue;
      const entry = parsed(line);
      if (entry === null || !("result" in entry || "begun" in entry)) return false;
      if (entry["result"] === "taken") this.#taken.add(String(entry["sha256"]));
    }
    return true;
  }

  /** Send what waits, until all is done or `stop`; throws where no answer came, and can go on. */
  async run(): Promise<void> {
    if (this.#is_running) return;
    this.#is_running = true;
    this.#is_stopped = false;
    try {
      for (let item = this.#next(); item; item = this.#next()) await this.#take(item);
    } finally {
      this.#is_running = false;
    }
  }

  /** After the photo that is on its way. */
  stop(): void {
    this.#is_stopped = true;
  }

  /** The report as a file: a line for each photo that is done. */
  report(): string {
    const done = this.items.filter(({ state }) => state !== "waiting" && state !== "sending");
    return done
      .map(({ name, state, reason, sha256 }) => `${JSON.stringify({ file: name, result: state, reason, sha256 })}\n`)
      .join("");
  }

  #next(): Item | undefined {
    return this.#is_stopped ? undefined : this.items.find(({ state }) => state === "waiting");
  }

  async #take(item: Item): Promise<void> {
    const problem = this.#sender.problem(item.file);
    if (problem) return this.#set(item, "refused", problem);
    this.#set(item, "sending");
    try {
      item.sha256 = await this.#sender.digest(item.file);
    } catch (error) {
      // Moved or deleted since it was chosen.
      return this.#set(item, "refused", error instanceof Error ? error.message : "");
    }
    if (this.#taken.has(item.sha256)) return this.#set(item, "known");
    try {
      const answer = await this.#sender.send(item, this.#spots);
      this.#spots = answer.spots;
      if (answer.is_new_report) this.reports += 1;
      if (answer.result === "taken") this.#taken.add(item.sha256);
      this.#set(item, answer.result, answer.reason);
    } catch (error) {
      this.#set(item, "waiting");
      throw error;
    }
  }

  #set(item: Item, state: Item["state"], reason = ""): void {
    item.state = state;
    item.reason = reason;
    this.#sender.changed(item);
  }
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    const entry: unknown = JSON.parse(line);
    return typeof entry === "object" && entry !== null ? (entry as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
