/**
 * "Still there" and "gone", in two taps: the form of a device's page, or of the map's dialog. Sent
 * by the outbox like any report; it holds the id of the device and no place.
 */

import type { Kept } from "../outbox/outbox";
import { work_offline } from "../outbox/outbox";
import { send_by_outbox } from "../outbox/form";
import { local_day } from "./local_day";
import { recall, remember_prudence } from "./memory";

/** Take a `[data-presence]` form; `show` says what became of it, else the whole page does. */
export function take_presence(form: HTMLFormElement, show?: (kept: Kept) => Promise<void>): void {
  const prudent = form.querySelector<HTMLInputElement>('input[type="checkbox"][name="prudent"]');
  const { prudent: remembered } = recall();
  if (prudent && remembered !== null) prudent.checked = remembered;
  prudent?.addEventListener("change", () => remember_prudence(prudent.checked));
  form.addEventListener("change", have_outbox_at_hand, { once: true });
  form.addEventListener("formdata", ({ formData }) => {
    // It may be sent days later.
    formData.set("seen_on", local_day(new Date()));
  });
  send_by_outbox(form, () => undefined, show);
}

/**
 * What sending needs, fetched while the walker still chooses: the network may go. Only who reports
 * has the worker on the phone, not who reads.
 */
export function have_outbox_at_hand(): void {
  work_offline();
  for (const asked of [import("../outbox/keeping"), import("../outbox/sent_view"), import("../outbox/rounds")]) {
    asked.catch(() => undefined);
  }
}
