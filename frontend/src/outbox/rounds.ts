/** When to send: at once, when the network or the walker comes back, and by a timer that slows. */

import { ask_to_last } from "./lasting";
import { announce } from "./news";
import { send_waiting, wait_s } from "./sending";
import { solve_aside } from "./solving_aside";
import { waiting_reports } from "./store";

export const SYNC_TAG = "contrechamp-outbox";

let rounds = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let is_watching = false;

/** Send what waits, and go on for as long as this page lives and something does. */
export async function keep_sending(): Promise<void> {
  watch();
  clearTimeout(timer);
  // Before the first byte: the page may be closed while it travels. Both send under one lock.
  if (await is_anything_waiting()) ask_for_background_sync();
  const { left, after_s } = await send_waiting(solve_aside);
  clearTimeout(timer);
  rounds = left ? rounds + 1 : 0;
  if (left === 0) return;
  // What the browser answers is said where it matters: what waits is shown anew.
  void ask_to_last().then(() => announce({ what: "changed" }));
  timer = setTimeout(() => void keep_sending(), wait_s(rounds - 1, after_s) * 1000);
}

/** Hope is back: begin anew without the long wait. */
function try_at_once(): void {
  rounds = 0;
  void keep_sending();
}

function watch(): void {
  if (is_watching) return;
  is_watching = true;
  addEventListener("online", try_at_once);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") try_at_once();
  });
}

/** Where the browser knows background sync, the worker sends even after the page is closed. */
function ask_for_background_sync(): void {
  // A worker that is being installed takes no tag yet; one that never comes keeps nobody waiting.
  void navigator.serviceWorker?.ready
    .then((registration) =>
      (registration as { sync?: { register(tag: string): Promise<void> } }).sync?.register(SYNC_TAG))
    // Refused in private windows and by some settings: the page's own triggers remain.
    .catch(() => undefined);
}

async function is_anything_waiting(): Promise<boolean> {
  const reports = await waiting_reports();
  return reports.some(({ parts }) => parts.some(({ refused }) => refused === undefined));
}
