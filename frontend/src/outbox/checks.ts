/**
 * What would be refused, said before it is sealed: afterwards nobody here can mend it. The same
 * rules as `mapper/intake/report.py`; golden cases in `fixtures/cases/reports.json`.
 */

import { DirectionError, format_directions, parse_walker_direction } from "../geo/direction";
import { say, say_measure } from "../i18n/messages";

const MOST_PHOTOS = 6;
const MOST_BYTES = 20_000_000;
const MOST_CHARACTERS = { operator: 255, note: 2000 } as const;
const MOST_DIRECTION_CHARACTERS = 64;
const EARLIEST_YEAR = 1950;
const NULL_ISLAND_DEG = 1e-6;
const DAY_MS = 86_400_000;
const DEGREES = /^[+-]?[0-9]{1,3}(?:\.[0-9]{1,20})?$/;
const DATE = /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?$/;
const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const HEAD_BYTES = 16;
const HEIC_BRANDS = new Set(["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1", "heif"]);

/** A sentence for each field that has to be mended; empty where all is well. */
export async function problems_of(
  fields: Readonly<Record<string, string>>, photos: readonly Blob[],
): Promise<Record<string, string>> {
  const problems = problems_of_fields(fields);
  const photo_problem = await problem_of_photos(photos);
  return photo_problem ? { ...problems, photos: photo_problem } : problems;
}

export function problems_of_fields(
  fields: Readonly<Record<string, string>>, now = new Date(),
): Record<string, string> {
  const problems: Record<string, string> = {};
  const { device = "" } = fields;
  if (device && !UUID.test(device)) problems["device"] = say("This is not the id of a device.");
  if (!has_place(fields)) problems["place"] = say("Move the map until the pin stands on the device.");
  if (!has_direction(fields["direction"] ?? "")) {
    problems["direction"] = say("This direction is not understood; write degrees like 90, or a wind like NE.");
  }
  if (!has_day(fields["seen_on"] ?? "", now)) {
    problems["seen_on"] = say("This date can't be; write the day of the walk like 2026-05-12, or 2026-05.");
  }
  for (const [name, most] of Object.entries(MOST_CHARACTERS)) {
    // Counted as the server counts: a character beyond the first plane is one.
    if ([...(fields[name] ?? "")].length > most) {
      problems[name] = say("This is longer than {most} characters; shorten it.", { most });
    }
  }
  return problems;
}

/** A place of its own, or that of the known device it confirms. */
function has_place(fields: Readonly<Record<string, string>>): boolean {
  const { lat = "", lon = "", device = "" } = fields;
  if (!lat && !lon) return device !== "";
  if (!DEGREES.test(lat) || !DEGREES.test(lon)) return false;
  const is_on_earth = Math.abs(Number(lat)) <= 90 && Math.abs(Number(lon)) <= 180;
  return is_on_earth && Math.max(Math.abs(Number(lat)), Math.abs(Number(lon))) > NULL_ISLAND_DEG;
}

function has_direction(text: string): boolean {
  try {
    const arcs = parse_walker_direction(text);
    return arcs === null || format_directions(arcs).length <= MOST_DIRECTION_CHARACTERS;
  } catch (error) {
    if (error instanceof DirectionError) return false;
    throw error;
  }
}

function has_day(text: string, now: Date): boolean {
  if (!text) return true;
  const [, year, month = "01", day = "01"] = DATE.exec(text) ?? [];
  const first = new Date(`${year}-${month}-${day}T00:00:00Z`);
  // JavaScript takes 31 February for 3 March.
  if (Number.isNaN(first.getTime()) || first.toISOString().slice(8, 10) !== day) return false;
  return Number(year) >= EARLIEST_YEAR && first.getTime() <= now.getTime() + DAY_MS;
}

async function problem_of_photos(photos: readonly Blob[]): Promise<string> {
  if (photos.length > MOST_PHOTOS) return say("A report takes at most {most} photos.", { most: MOST_PHOTOS });
  for (const photo of photos) {
    const name = name_of(photo);
    if (photo.size > MOST_BYTES) {
      const most = say_measure(MOST_BYTES / 1_000_000, "megabyte");
      return say("{name} has more than {most}. Choose a smaller copy.", { name, most });
    }
    if (!is_picture(new Uint8Array(await photo.slice(0, HEAD_BYTES).arrayBuffer()))) {
      return say("{name} is no photo we can read. Choose a JPEG, PNG, WebP or HEIC.", { name });
    }
  }
  return "";
}

function name_of(photo: Blob): string {
  return photo instanceof File ? photo.name : say("Photo");
}

/** Whether a file begins like a JPEG, a PNG, a WebP or a HEIC. */
export function is_picture(head: Uint8Array): boolean {
  const text = String.fromCharCode(...head);
  return text.startsWith("\xff\xd8\xff") || text.startsWith("\x89PNG")
    || (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP")
    || (text.slice(4, 8) === "ftyp" && HEIC_BRANDS.has(text.slice(8, 12)));
}
