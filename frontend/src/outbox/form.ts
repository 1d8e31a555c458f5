/** Lets a report form send by the outbox; where that can't be, the form goes as it always did. */

import { say } from "../i18n/messages";
import { can_keep, keep_report, NotKept, type Kept } from "./outbox";

/** Fired on a form when its report is kept: whoever holds a draft of it forgets it now. */
export const KEPT = "kept";

/** Says what became of a report: its words, and what the phone itself took out of its photos. */
type Show = (kept: Kept, removed: readonly string[]) => Promise<void>;

const show_page: Show = async (kept, removed) => {
  const { show_sent } = await import("./sent_view");
  await show_sent(kept, removed);
};

/**
 * Take the form's reports; `on_native` is told of those that the form sends itself, `show` of
 * those that were kept: if not given, the page becomes the one after "send".
 */
export function send_by_outbox(form: HTMLFormElement, on_native: () => void, show: Show = show_page): void {
  let is_busy = false;
  let is_native = false;
  // It has its proof: the next "submit" is the form's own. Others may hold it up first (`walk.ts`).
  let is_leaving = false;
  form.addEventListener("submit", (event) => {
    if (is_leaving) {
      is_leaving = false;
      return;
    }
    if (is_busy) {
      event.preventDefault();
      return;
    }
    is_busy = true;
    const data = new FormData(form, event.submitter);
    if (is_native || !is_for_outbox(data)) {
      on_native();
      if (!takes_proof(form, data)) return;
      event.preventDefault();
      void prove(form).then(() => {
        is_leaving = true;
        form.requestSubmit(event.submitter);
      });
      return;
    }
    event.preventDefault();
    void keep_form(form, data, event.submitter, show).then((goes_native) => {
      is_busy = false;
      if (!goes_native) return;
      is_native = true;
      form.requestSubmit(event.submitter);
    });
  });
  addEventListener("pageshow", () => { is_busy = is_native = is_leaving = false; });
}

/** A tap on the map's picture and photos that wait on the server are the plain form's. */
function is_for_outbox(data: FormData): boolean {
  const said = (name: string): boolean => Boolean(data.get(name)) && !(data.get(name) instanceof File);
  if (!can_keep() || data.has("move") || data.has("place.x") || said("kept")) return false;
  // Only the server reads a photo's own place; without a network a place has to be shown.
  return (said("lat") && said("lon")) || said("device") || !navigator.onLine;
}

/** Only what sends a report: neither a tap on the picture, nor the form that changes one. */
function takes_proof(form: HTMLFormElement, data: FormData): boolean {
  return "proof" in form.dataset && !data.has("move") && !data.has("place.x");
}

async function prove(form: HTMLFormElement): Promise<void> {
  await import("./form_proof").then(({ add_proof }) => add_proof(form)).catch(() => undefined);
}

async function keep_form(
  form: HTMLFormElement, data: FormData, button: HTMLElement | null, show: Show,
): Promise<boolean> {
  clear_problems(form);
  const photos = data.getAll("photo").filter((photo) => photo instanceof File && photo.size > 0);
  let kept: Kept;
  try {
    kept = await keep_report({ fields: fields_of(data), photos: photos as File[] });
  } catch (error) {
    const problems = problems_of(error);
    if (problems.length === 0) return true;
    show_problems(form, problems, button);
    return false;
  }
  form.dispatchEvent(new CustomEvent(KEPT));
  await show(kept, data.getAll("removed_here").map(String));
  return false;
}

/** What to tell the walker; nothing where the form may still go by itself. */
function problems_of(error: unknown): readonly string[] {
  if (error instanceof NotKept && error.reason === "invalid") return Object.values(error.fields);
  if (navigator.onLine) return [];
  return [say("This phone has no room to keep the report: wait here for a network, then send it.")];
}

/** The last value of each field counts, but the direction's: its buttons and its text are one. */
export function fields_of(data: FormData): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const [name, value] of data) if (typeof value === "string") fields[name] = value;
  const said = data.getAll("direction").map(String).map((text) => text.trim()).filter(Boolean);
  const exact = new Set(said.filter((text) => text !== "unknown"));
  // Two that differ are told apart by nobody: joined with a comma, they are refused in words.
  fields["direction"] = exact.size ? [...exact].join(", ") : (said[0] ?? "");
  return fields;
}

function show_problems(form: HTMLFormElement, texts: readonly string[], button: HTMLElement | null): void {
  const notice = document.createElement("div");
  notice.className = "notice notice--failed outbox-problems";
  notice.setAttribute("role", "alert");
  notice.tabIndex = -1;
  for (const text of texts) notice.append(Object.assign(document.createElement("p"), { textContent: text }));
  (button?.closest("p, .actions") ?? form.lastElementChild ?? form).before(notice);
  notice.focus();
}

function clear_problems(form: HTMLFormElement): void {
  for (const notice of form.querySelectorAll(".outbox-problems")) notice.remove();
}
