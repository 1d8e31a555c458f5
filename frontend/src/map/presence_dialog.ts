/** Over the map: is this one still there? The first tap opened it, the second one sends. */

import { have_outbox_at_hand, take_presence } from "../report/presence";
import { draw_sign } from "../ui/sign";
import type { Device } from "./devices";
import { direction_words, evidence_words, is_old, kind_words } from "./sentences";

export type Presence = "there" | "gone";

/** The page's `[data-presence-dialog]` as it came: each device gets it fresh. */
let fresh: DocumentFragment | undefined;

export function ask_presence(dialog: HTMLDialogElement, device: Device, address: string, said: Presence): void {
  fresh ??= fragment_of(dialog);
  dialog.replaceChildren(fresh.cloneNode(true));
  fill(dialog, device, address);
  const form = dialog.querySelector<HTMLFormElement>("form[data-presence]")!;
  form.querySelector<HTMLInputElement>('[name="device"]')!.value = device.id;
  const choice = form.querySelector<HTMLInputElement>(`[name="presence"][value="${said}"]`)!;
  choice.checked = true;
  take_presence(form, async (kept) => {
    const { show_sent } = await import("../outbox/sent_view");
    const title = document.title;
    await show_sent(kept, [], dialog);
    offer_closing(dialog);
    dialog.addEventListener("close", () => { document.title = title; }, { once: true });
  });
  have_outbox_at_hand();
  offer_closing(dialog);
  dialog.showModal();
  choice.focus();
}

function fill(dialog: HTMLElement, device: Device, address: string): void {
  const words = document.createElement("span");
  const title = [kind_words(device), direction_words(device.arcs)].filter(Boolean).join(", ");
  const strong = Object.assign(document.createElement("strong"), { textContent: title });
  const facts = Object.assign(document.createElement("span"), {
    className: "quiet small", textContent: [device.name, evidence_words(device)].filter(Boolean).join(", "),
  });
  words.append(strong, facts);
  dialog.querySelector("[data-presence-device]")!.replaceChildren(
    draw_sign({ ...device, is_old: is_old(device, new Date()) }), words,
  );
  dialog.querySelector<HTMLAnchorElement>("[data-presence-page]")!.href = address;
}

/** The map is still there beneath: going back to it loads nothing. */
function offer_closing(dialog: HTMLDialogElement): void {
  for (const way of dialog.querySelectorAll("[data-presence-close], [data-to-map]")) {
    way.addEventListener("click", (event) => {
      event.preventDefault();
      dialog.close();
    });
  }
}

function fragment_of(dialog: HTMLElement): DocumentFragment {
  const fragment = document.createDocumentFragment();
  fragment.append(...dialog.childNodes);
  return fragment;
}
