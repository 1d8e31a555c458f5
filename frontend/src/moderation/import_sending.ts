/** One photo on its way to the server, with how far it has come. */

import { say } from "../i18n/messages";
import type { Answer, Item } from "./import_queue";

const PATIENCE_MS = 120_000;

/** The SHA-256 of a file's content, in hexadecimal digits; throws an error that can be shown. */
export async function digest_of(file: File): Promise<string> {
  const content = await file.arrayBuffer().catch(() => {
    throw new Error(say("it can't be read any more; choose it again"));
  });
  const hash = await crypto.subtle.digest("SHA-256", content);
  return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Send one photo with what the form says of all; throws an error whose message can be shown. */
export function send_photo(
  form: HTMLFormElement, item: Item, spots: string, on_share: (share: number) => void,
): Promise<Answer> {
  const body = new FormData();
  for (const name of ["csrfmiddlewaretoken", "kind", "photo_use"]) {
    body.append(name, String(new FormData(form).get(name) ?? ""));
  }
  body.append("spots", spots);
  body.append("id", item.id);
  // Its own name stays here.
  body.append("photo", item.file, "photo");
  return new Promise((done, fail) => {
    // Not fetch: that tells nothing of an upload's progress.
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset["address"] ?? "");
    request.timeout = PATIENCE_MS;
    request.upload.onprogress = ({ loaded, total }) => on_share(total ? loaded / total : 0);
    request.onerror = request.ontimeout = () => fail(new Error(broken_words()));
    request.onload = () => {
      const answer = answer_in(request);
      if (answer) done(answer);
      else fail(new Error(refusal_words(request)));
    };
    request.send(body);
  });
}

function answer_in(request: XMLHttpRequest): Answer | null {
  if (request.status !== 200) return null;
  try {
    const answer = JSON.parse(request.responseText) as Answer;
    return typeof answer.result === "string" ? answer : null;
  } catch {
    return null;
  }
}

function refusal_words(request: XMLHttpRequest): string {
  // The login's page, or a page that says no: whoever sends is not signed in any more.
  if (request.status === 200 || request.status === 403) {
    return say("You are signed out. Sign in in another window, then go on here.");
  }
  return broken_words();
}

function broken_words(): string {
  return say("No answer from the server. What was taken is safe: go on when the network is back.");
}
