/** What opens at a sign: what it is, how we know, and the way to its page. */

import { say, say_count } from "../i18n/messages";
import { draw_sign } from "../ui/sign";
import type { Device, EventMark } from "./devices";
import type { Presence } from "./presence_dialog";
import {
  device_words, direction_words, event_words, evidence_words, is_old, kind_words,
} from "./sentences";

function paragraph(text: string, name = ""): HTMLElement {
  const element = document.createElement("p");
  if (name) element.className = name;
  element.textContent = text;
  return element;
}

function card(title: string, lines: readonly string[], address: string, verb: string): HTMLElement {
  const content = document.createElement("div");
  content.className = "popup";
  content.append(paragraph(title, "popup__title"));
  content.append(...lines.filter(Boolean).map((line) => paragraph(line)));
  const link = document.createElement("a");
  link.href = address;
  link.textContent = verb;
  content.append(link);
  return content;
}

/** Hears which of the two was tapped. */
export type OnPresence = (device: Device, said: Presence) => void;

/** The two buttons of a device that was not removed; nothing else where nobody listens. */
export function presence_buttons(device: Device, on_presence: OnPresence | undefined): HTMLElement[] {
  if (!on_presence || device.status === "removed") return [];
  const bar = document.createElement("p");
  bar.className = "presence__pair";
  for (const [said, words] of [["there", say("Still there")], ["gone", say("Gone")]] as const) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: words });
    button.addEventListener("click", () => on_presence(device, said));
    bar.append(button);
  }
  return [bar];
}

export function popup_of_device(device: Device, address: string, on_presence?: OnPresence): HTMLElement {
  const looks = direction_words(device.arcs);
  const title = looks ? `${kind_words(device)}, ${looks}` : kind_words(device);
  const content = card(title, [device.name, evidence_words(device)], address, say("See the evidence"));
  content.append(...presence_buttons(device, on_presence));
  return content;
}

/** Several devices on one spot: a pole with three heads. */
export function popup_of_spot(
  members: readonly Device[], address_of: (device: Device) => string, on_presence?: OnPresence,
): HTMLElement {
  const content = document.createElement("div");
  content.className = "popup";
  const title = say_count("{count} device here", "{count} devices here", members.length);
  const list = document.createElement("ul");
  for (const device of members) {
    const row = document.createElement("li");
    const link = document.createElement("a");
    link.href = address_of(device);
    link.textContent = device_words(device);
    row.append(
      draw_sign({ ...device, is_old: is_old(device, new Date()) }), link, ...presence_buttons(device, on_presence),
    );
    list.append(row);
  }
  content.append(paragraph(title, "popup__title"), list);
  return content;
}

export function popup_of_event(event: EventMark, address: string): HTMLElement {
  return card(event_words(event), [], address, say("See the event"));
}
