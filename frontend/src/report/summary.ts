/** The last look before "send": photos, what was said, what was taken out of the files. */

import { say, say_count, say_list } from "../i18n/messages";
import { names_of } from "../outbox/removed_names";
import type { PhotoWork } from "./photo_work";

export interface Summary {
  readonly words: readonly string[];
  readonly is_confirmation: boolean;
  readonly files: readonly File[];
  readonly work: PhotoWork;
}

let shown: string[] = [];

export async function show_summary(form: HTMLFormElement, summary: Summary): Promise<void> {
  const place = form.querySelector<HTMLElement>("[data-summary]");
  if (!place) return;
  for (const url of shown.splice(0)) URL.revokeObjectURL(url);
  offer_sending(form, summary.files.length);
  const said = [...(summary.is_confirmation ? [say("You confirm a known device.")] : []), ...summary.words];
  place.replaceChildren(
    thumbnails_of(summary.files), ...said.map((text) => paragraph(text, "summary__said")),
    more_photos(form, summary.files.length),
  );
  const removed = names_of(await summary.work.removed());
  if (!removed.length) return;
  place.append(
    paragraph(say("Found in the file, and not in any copy we publish:"), "quiet small"),
    paragraph(say_list(removed), "quiet small"),
  );
}

/** Without a photo there is nothing to ask about it: one button. */
function offer_sending(form: HTMLFormElement, count: number): void {
  for (const button of form.querySelectorAll<HTMLButtonElement>('[name="photo_use"]')) {
    button.dataset["words"] ??= button.textContent ?? "";
    const is_first = button.value === "public";
    button.textContent = count === 0 && is_first ? say("Send") : button.dataset["words"];
    button.hidden = count === 0 && !is_first;
  }
  const licence = form.querySelector<HTMLElement>("#licence-photo");
  if (licence) licence.hidden = count === 0;
}

function thumbnails_of(files: readonly File[]): HTMLElement {
  const row = document.createElement("p");
  row.className = "summary__photos";
  for (const file of files) {
    const picture = document.createElement("img");
    const url = URL.createObjectURL(file);
    shown.push(url);
    Object.assign(picture, { src: url, alt: say("Photo") });
    // HEIC can't be drawn by most browsers.
    picture.addEventListener("error", () => picture.remove());
    row.append(picture);
  }
  row.hidden = files.length === 0;
  return row;
}

/** Ask kindly for the wide photo; the camera opens from here. */
function more_photos(form: HTMLFormElement, count: number): HTMLElement {
  const row = document.createElement("p");
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = count ? say("Add a photo from further off") : say("Take a photo");
  button.addEventListener("click", () => {
    form.querySelector<HTMLInputElement>('input[type="file"][capture]')?.click();
  });
  row.append(paragraph(say_count("{count} photo", "{count} photos", count), "quiet"), button);
  row.className = "summary__more";
  return row;
}

function paragraph(text: string, name: string): HTMLElement {
  const element = document.createElement(name.includes("said") ? "p" : "span");
  element.className = name;
  element.textContent = text;
  return element;
}
