/**
 * Answers of the desk's forms take the place of the page they came from, without a new page: the
 * next report is there at once, and one live region stays to say what was done. Without a script,
 * or where anything is unusual, the browser follows the same forms by itself.
 */

import { say } from "../i18n/messages";

const REGIONS = [".site-header", "#main"];

export interface Swapping {
  /** Before the old page goes. */
  leave(): void;
  /** After the new one stands. */
  arrive(said: string): void;
}

/** Send a form and show its answer; resolves once it stands. */
export async function send(form: HTMLFormElement, button: HTMLElement | null, on: Swapping): Promise<void> {
  const data = new FormData(form, button);
  const address = new URL(form.action, location.href);
  const is_get = form.method === "get";
  if (is_get) address.search = new URLSearchParams([...data].map(([k, v]) => [k, String(v)])).toString();
  const answer = await fetch(address, is_get ? {} : { method: "POST", body: urlencoded(data) });
  const text = await answer.text();
  const page = new DOMParser().parseFromString(text, "text/html");
  const is_ours = page.body.classList.contains("page-moderation");
  if (!is_ours || !REGIONS.every((region) => page.querySelector(region))) {
    location.assign(answer.url);
    return;
  }
  on.leave();
  const said = page.querySelector("[data-said]")?.textContent ?? "";
  put(page);
  history.pushState({ is_swapped: true }, "", answer.url);
  window.scrollTo(0, 0);
  on.arrive(said.replace(/\s+/g, " ").trim());
}

/** The one live region, which outlives every swap. */
export function make_status(): HTMLElement {
  const status = document.createElement("p");
  status.className = "visually-hidden";
  status.setAttribute("role", "status");
  status.dataset["deskStatus"] = "";
  document.body.prepend(status);
  return status;
}

export function failure_words(): string {
  return say("No answer from the server. Load the page again before you go on.");
}

function put(page: Document): void {
  document.title = page.title;
  for (const region of REGIONS) {
    const old = document.querySelector(region);
    const next = page.querySelector(region);
    if (old && next) old.replaceWith(document.adoptNode(next));
  }
}

function urlencoded(data: FormData): URLSearchParams {
  return new URLSearchParams([...data].map(([name, value]): [string, string] => [name, String(value)]));
}
