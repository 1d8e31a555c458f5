/**
 * The way in to the outbox, small enough for every report page; the rest is loaded when needed.
 *
 *     const { words } = await keep_report({ fields, photos });
 */

import { DATABASE } from "./database_name";

/** What a form says and shows: the fields of `/report/` by name, and the photos. */
export interface Report {
  readonly fields: Readonly<Record<string, string>>;
  readonly photos: readonly Blob[];
  /** A UUID (version 4) made when the draft was begun: kept twice, it arrives once. */
  readonly id?: string;
}

/** It is sealed and on the disk. The words are told this once, and kept nowhere. */
export interface Kept {
  readonly id: string;
  readonly words: readonly string[];
}

/**
 * It was not kept, and nothing of it is left here. `invalid`: `fields` has a sentence for each
 * field to mend (`place`, `photos`, or its own name). `full`: the phone has no room. `twice`: it
 * waits already. `unable`: this browser can't; send the plain form.
 */
export class NotKept extends Error {
  constructor(
    readonly reason: "invalid" | "full" | "twice" | "unable",
    readonly fields: Readonly<Record<string, string>> = {},
    options?: ErrorOptions,
  ) {
    super(reason, options);
  }
}

/** Whether this browser can keep reports; where not, the plain form is sent. */
export function can_keep(): boolean {
  return "indexedDB" in globalThis && "locks" in navigator && "BroadcastChannel" in globalThis
    && crypto.subtle !== undefined && document.querySelector('meta[name="sealing-key"]') !== null;
}

/**
 * Check, seal and keep a report; sending begins by itself. Nothing of it is readable here any
 * more when this returns, so the caller forgets its draft.
 */
export async function keep_report(report: Report): Promise<Kept> {
  if (!can_keep()) throw new NotKept("unable");
  const { keep_sealed } = await import("./keeping");
  const kept = await keep_sealed(report);
  void send_now();
  void count_what_waits();
  return kept;
}

/** Send what waits, now and whenever there is hope: online again, back in view, by timer. */
export async function send_now(): Promise<void> {
  const { keep_sending } = await import("./rounds");
  await keep_sending();
}

let is_counted = false;

async function count_what_waits(): Promise<void> {
  if (is_counted) return;
  is_counted = true;
  const { show_count } = await import("./count");
  await show_count();
}

/** Whether something was ever kept here; where the browser doesn't tell, it may have been. */
async function has_kept(): Promise<boolean> {
  const found = await indexedDB.databases?.().catch(() => undefined);
  return found?.some(({ name }) => name === DATABASE) ?? true;
}

/** When a page opens: what waits goes on its way, and `[data-waiting]` links say how much it is. */
export async function start_outbox(): Promise<void> {
  if (!can_keep()) return;
  if (await has_kept()) {
    await count_what_waits();
    await send_now();
  } else {
    // Nothing of the outbox is loaded before it is needed; another tab may keep something yet.
    document.addEventListener("visibilitychange", () => void start_outbox(), { once: true });
  }
}

/** Have the pages of this road at hand without a network, from now on. */
export function work_offline(): void {
  void navigator.serviceWorker?.register("/service_worker.js").catch(() => undefined);
}
