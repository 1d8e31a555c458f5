/** Fields for figures, beside the map and the dial that say the same. */

import { say } from "../i18n/messages";

/** Fold the fields for figures away: the map and the dial say the same. */
export function fold_figures(form: HTMLFormElement): void {
  for (const names of [["lat", "lon"], ["direction"]]) {
    const fields = names.map((name) =>
      form.querySelector(`input[name="${name}"]:not([type="radio"])`)?.closest(".field"));
    if (!fields[0]) continue;
    const details = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = say("Or in degrees");
    fields[0].before(details);
    details.append(summary, ...fields.filter((field) => field !== null && field !== undefined));
  }
}
