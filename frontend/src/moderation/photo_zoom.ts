/** `img[data-zoom]` opens large in a dialog, at its own pixels; Escape or a click closes it. */

import { say } from "../i18n/messages";

export function enlarge_photos(root: ParentNode): void {
  for (const image of root.querySelectorAll<HTMLImageElement>("img[data-zoom]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "zoomable";
    button.setAttribute("aria-label", say("Enlarge: {photo}", { photo: image.alt || say("photo") }));
    image.replaceWith(button);
    button.append(image);
    button.addEventListener("click", () => enlarge(image));
  }
}

export function enlarge(image: HTMLImageElement): void {
  const dialog = document.createElement("dialog");
  dialog.className = "lightbox";
  const large = document.createElement("img");
  large.src = image.dataset["zoom"] || image.src;
  large.alt = image.alt;
  const close = document.createElement("button");
  close.type = "button";
  close.textContent = say("Close");
  const frame = document.createElement("div");
  frame.className = "lightbox__frame";
  frame.append(large);
  dialog.append(close, frame);
  // First a whole view, then by click the pixels themselves.
  large.addEventListener("click", () => dialog.classList.toggle("is-full"));
  close.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}
