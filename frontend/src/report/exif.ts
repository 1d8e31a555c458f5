/**
 * What a photo's file says besides the picture, read on the phone and never sent: its place and
 * direction, to start from, and the names of what it carries. A small twin of `geo/exif.py` (EXIF
 * 2.32); the server reads the file that it gets anew.
 */

import type { Position } from "../map/leaflet_border";

export interface PhotoFacts {
  /** Where the photographer stood. */
  readonly position: (Position & { readonly accuracy_m: number }) | null;
  /** Where the lens pointed, clockwise from north. */
  readonly direction_deg: number | null;
  /** YYYY-MM-DD on the camera's clock; empty where unsaid. */
  readonly day: string;
  /** Codes as in `geo.exif.REMOVABLE`. */
  readonly carried: readonly string[];
}

/** Where no accuracy is written the receiver's usual one is assumed. */
const USUAL_ACCURACY_M = 20;
/** EXIF stands at the beginning of a photo, of HEIC too. */
const HEAD_BYTES = 512 * 1024;

type Tags = ReadonlyMap<number, readonly number[] | string>;
interface Exif { readonly image: Tags; readonly exif: Tags; readonly gps: Tags }

const NO_TAGS: Tags = new Map();
/** Which tags mean what: [directory, tags]. */
const CODES: readonly (readonly [code: string, directory: keyof Exif, tags: readonly number[]])[] = [
  ["position", "gps", [2, 4]],
  ["direction", "gps", [17]],
  ["capture_time", "exif", [0x9003, 0x9004]],
  ["capture_time", "image", [0x0132]],
  ["make", "image", [0x010f]],
  ["model", "image", [0x0110]],
  ["lens", "exif", [0xa433, 0xa434]],
  ["serial_number", "exif", [0xa431, 0xa435, 0xa420]],
  ["owner_name", "image", [0x013b, 0x8298]],
  ["owner_name", "exif", [0xa430]],
  ["software", "image", [0x0131]],
  ["comment", "image", [0x010e, 0x9c9c]],
  ["comment", "exif", [0x9286]],
  ["maker_note", "exif", [0x927c]],
];
const MARKERS: readonly (readonly [code: string, text: string])[] = [
  ["xmp", "http://ns.adobe.com/xap/1.0/"], ["iptc", "Photoshop 3.0"], ["icc_profile", "ICC_PROFILE"],
];

export async function read_photo_facts(file: Blob): Promise<PhotoFacts> {
  const bytes = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  let found: Exif = { image: NO_TAGS, exif: NO_TAGS, gps: NO_TAGS };
  try {
    found = exif_of(bytes) ?? found;
  } catch (error) {
    // Cut short or damaged: then the photo says nothing.
    if (!(error instanceof RangeError)) throw error;
  }
  return {
    position: position_of(found.gps),
    direction_deg: direction_of(found.gps),
    day: day_of(found.exif),
    carried: carried_in(found, bytes),
  };
}

function carried_in(found: Exif, bytes: Uint8Array): string[] {
  const codes = CODES.filter(([, name, tags]) => tags.some((tag) => found[name].has(tag)));
  const marked = MARKERS.filter(([, text]) => index_of(bytes, text) >= 0);
  return [...new Set([...codes, ...marked].map(([code]) => code))];
}

function position_of(gps: Tags): PhotoFacts["position"] {
  const lat = axis_of(gps, 2, 1, "N", "S");
  const lon = axis_of(gps, 4, 3, "E", "W");
  if (lat === null || lon === null || Math.abs(lat) > 90 || Math.abs(lon) > 180) return null;
  if (Math.abs(lat) < 1e-6 && Math.abs(lon) < 1e-6) return null;
  const status = gps.get(9);
  if (typeof status === "string" && status.toUpperCase().startsWith("V")) return null;
  const said = number_of(gps, 31);
  return { lon, lat, accuracy_m: said !== null && said > 0 ? said : USUAL_ACCURACY_M };
}

/** Signed degrees from degrees, minutes and seconds. */
function axis_of(gps: Tags, tag: number, reference: number, plus: string, minus: string): number | null {
  const parts = gps.get(tag);
  const side = String(gps.get(reference) ?? "").charAt(0).toUpperCase();
  if (!Array.isArray(parts) || parts.length < 1 || (side !== plus && side !== minus)) return null;
  const [degrees = NaN, minutes = 0, seconds = 0] = parts as number[];
  const total = degrees + minutes / 60 + seconds / 3600;
  if (!(degrees >= 0 && minutes >= 0 && minutes <= 60 && seconds >= 0 && seconds <= 60)) return null;
  return side === plus ? total : -total;
}

function direction_of(gps: Tags): number | null {
  const degrees = number_of(gps, 17);
  return degrees !== null && degrees >= 0 && degrees <= 360 ? degrees % 360 : null;
}

function day_of(exif: Tags): string {
  const written = String(exif.get(0x9003) ?? exif.get(0x9004) ?? "");
  const match = /^(\d{4}):(\d\d):(\d\d) /.exec(written);
  return match && Number(match[1]) > 1950 ? `${match[1]}-${match[2]}-${match[3]}` : "";
}

function number_of(tags: Tags, tag: number): number | null {
  const value = tags.get(tag);
  return Array.isArray(value) && Number.isFinite(value[0]) ? (value[0] as number) : null;
}

/** Find the TIFF block of any container: after `Exif\0\0` (JPEG, HEIC, WebP) or in PNG's `eXIf`. */
function exif_of(bytes: Uint8Array): Exif | null {
  for (const mark of ["Exif\0\0", "eXIf", "EXIF"]) {
    const at = index_of(bytes, mark);
    if (at < 0) continue;
    for (const skip of [0, 4]) {
      const start = at + mark.length + skip;
      const order = String.fromCharCode(...bytes.slice(start, start + 2));
      if (order === "II" || order === "MM") return directories_of(bytes, start, order === "II");
    }
  }
  return null;
}

function directories_of(bytes: Uint8Array, start: number, is_little: boolean): Exif {
  const view = new DataView(bytes.buffer, bytes.byteOffset + start);
  const image = read_directory(view, view.getUint32(4, is_little), is_little);
  const below = (tag: number): Tags => {
    const at = number_of(image, tag);
    return at === null ? NO_TAGS : read_directory(view, at, is_little);
  };
  return { image, exif: below(0x8769), gps: below(0x8825) };
}

/** Bytes of one value of each EXIF type. */
const SIZES: Readonly<Record<number, number>> = { 1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1, 9: 4, 10: 8 };
const MOST_TAGS = 200;
const MOST_VALUES = 64;

function read_directory(view: DataView, at: number, is_little: boolean): Tags {
  const tags = new Map<number, readonly number[] | string>();
  const count = Math.min(MOST_TAGS, view.getUint16(at, is_little));
  for (let index = 0; index < count; index += 1) {
    const entry = at + 2 + index * 12;
    if (entry + 12 > view.byteLength) break;
    const type = view.getUint16(entry + 2, is_little);
    const size = SIZES[type];
    if (!size) continue;
    const values = view.getUint32(entry + 4, is_little);
    const from = values * size <= 4 ? entry + 8 : view.getUint32(entry + 8, is_little);
    const read = Math.min(values, MOST_VALUES);
    // A tag that is there but lies outside is still named.
    const is_inside = from + read * size <= view.byteLength;
    tags.set(view.getUint16(entry, is_little), is_inside ? read_values(view, from, type, read, is_little) : []);
  }
  return tags;
}

function read_values(
  view: DataView, from: number, type: number, count: number, is_little: boolean,
): readonly number[] | string {
  if (type === 2) {
    const letters = Array.from({ length: count }, (_, i) => view.getUint8(from + i));
    return String.fromCharCode(...letters).split("\0")[0]!.trim();
  }
  return Array.from({ length: count }, (_, i) => {
    const at = from + i * SIZES[type]!;
    if (type === 3) return view.getUint16(at, is_little);
    if (type === 4) return view.getUint32(at, is_little);
    if (type === 9) return view.getInt32(at, is_little);
    if (type === 5) return view.getUint32(at, is_little) / view.getUint32(at + 4, is_little);
    if (type === 10) return view.getInt32(at, is_little) / view.getInt32(at + 4, is_little);
    return view.getUint8(at);
  });
}

function index_of(bytes: Uint8Array, text: string): number {
  const wanted = Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const last = bytes.length - wanted.length;
  for (let at = bytes.indexOf(wanted[0]!); at >= 0 && at <= last; at = bytes.indexOf(wanted[0]!, at + 1)) {
    if (wanted.every((byte, index) => bytes[at + index] === byte)) return at;
  }
  return -1;
}
