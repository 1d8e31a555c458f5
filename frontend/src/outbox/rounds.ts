/** When to send: at once, when the network or the walker comes back, and by a timer that slows. */

import { ask_to_last } from "./lasting";
import { send_waiting, wait_s } from "./sending";
import { solve_aside } from "./solving_aside";

let rounds = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
let is_watching = false;

/** Send what waits, and go on for as long as this page lives and something does. */
export async function keep_sending(): Promise<void> {
  watch();
  clearTimeout(timer);
  const { left, after_s } = await send_waiting(solve_aside);
  clearTimeout(timer);
  rounds = left ? rounds + 1 : 0;
  if (left === 0) return;
  void ask_to_last();
  void ask_for_background_sync();
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
async function ask_for_background_sync(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const sync = (registration as { sync?: { register(tag: string): Promise<void> } } | undefined)?.sync;
  // Refused in private windows and by some settings: the page's own triggers remain.
  await sync?.register("contrechamp-outbox").catch(() => undefined);
}
