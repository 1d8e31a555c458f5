/** Takes a report out of the walker's hands: checks it, seals it, keeps it, makes its words. */

import { announce } from "./news";
import { problems_of } from "./checks";
import { NotKept, type Kept, type Report } from "./outbox";
import { hash_of, new_words } from "./receipt_words";
import { info_of_photo, info_of_report, read_key, seal } from "./sealing";
import { keep, type SealedPart } from "./store";

/** Where a page carries the server's public key. */
export const KEY_SELECTOR = 'meta[name="sealing-key"]';
// What a report may say: `FIELDS` of mapper/intake/report.py. The rest of a form stays here.
const FIELDS = [
  "lat", "lon", "kind", "seen_on", "direction", "camera_type", "mount", "operator_type", "operator",
  "note", "device", "presence", "seen_how", "photo_use", "consent_osm", "terms", "prudent",
  "party",
] as const;

/** Keep a report; see `keep_report` in `outbox.ts`. */
export async function keep_sealed(report: Report): Promise<Kept> {
  const fields = said_fields(report.fields);
  const problems = await problems_of(fields, report.photos);
  if (Object.keys(problems).length) throw new NotKept("invalid", problems);
  const id = report.id ?? crypto.randomUUID();
  const words = new_words();
  const sealed = await sealed_parts(id, fields, report.photos, await hash_of(words));
  try {
    await keep(id, sealed);
  } catch (error) {
    throw new NotKept(reason_of(error), {}, { cause: error });
  }
  announce({ what: "changed" });
  return { id, words };
}

function said_fields(fields: Readonly<Record<string, string>>): Record<string, string> {
  const said = FIELDS.map((name): [string, string] => [name, (fields[name] ?? "").trim()]);
  return Object.fromEntries(said.filter(([, value]) => value !== ""));
}

async function sealed_parts(
  id: string, fields: Readonly<Record<string, string>>, photos: readonly Blob[], receipt_hash: string,
): Promise<SealedPart[]> {
  const language = document.documentElement.lang;
  const key = page_key();
  const parts = [{
    path: `/api/v1/sealed/sightings/${id}`,
    envelope: await seal(key, info_of_report(id), { ...fields, language, receipt_hash }),
  }];
  // One after the other: a phone has little memory for six photos twice.
  for (const photo of photos) {
    const photo_id = crypto.randomUUID();
    const picture = new Uint8Array(await photo.arrayBuffer());
    parts.push({
      path: `/api/v1/sealed/photos/${photo_id}?sighting=${id}`,
      envelope: await seal(key, info_of_photo(photo_id, id), { language, receipt_hash }, picture),
    });
  }
  return parts;
}

function page_key(): Uint8Array<ArrayBuffer> {
  try {
    return read_key(document.querySelector<HTMLMetaElement>(KEY_SELECTOR)?.content ?? "");
  } catch (error) {
    throw new NotKept("unable", {}, { cause: error });
  }
}

function reason_of(error: unknown): "full" | "twice" | "unable" {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "QuotaExceededError") return "full";
  return name === "ConstraintError" ? "twice" : "unable";
}
