/** Shows a photo without its boxes while a button, or the key H, is held down; never longer. */

import { say } from "../i18n/messages";

export interface Held {
  /** Show it now; again while it is shown changes nothing. */
  open(): void;
  close(): void;
}

/** `frame` holds the covered image; the open one is fetched only now, and taken out again. */
export function hold_open(button: HTMLElement, frame: HTMLElement, address: string): Held {
  let shown: HTMLImageElement | null = null;
  const held: Held = {
    open() {
      if (shown) return;
      shown = document.createElement("img");
      shown.className = "photo-boxes__open";
      shown.src = address;
      shown.alt = say("The photo without its boxes");
      frame.append(shown);
      frame.classList.add("is-open");
      button.setAttribute("aria-pressed", "true");
    },
    close() {
      shown?.remove();
      shown = null;
      frame.classList.remove("is-open");
      button.setAttribute("aria-pressed", "false");
    },
  };
  button.setAttribute("aria-pressed", "false");
  button.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    button.setPointerCapture(event.pointerId);
    held.open();
  });
  for (const end of ["pointerup", "pointercancel", "lostpointercapture", "blur"]) {
    button.addEventListener(end, () => held.close());
  }
  // Touch: no menu of the browser while it is held.
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  button.addEventListener("keydown", (event) => {
    if (event.key !== " " && event.key !== "Enter") return;
    event.preventDefault();
    held.open();
  });
  button.addEventListener("keyup", () => held.close());
  return held;
}
