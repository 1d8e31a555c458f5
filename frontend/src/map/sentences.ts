/** Devices in words: what the list says, what a screen reader hears. */

import { center_deg, is_all_round, octant_of, type Arc } from "../geo/direction";
import { language, say, say_count, say_list } from "../i18n/messages";
import type { Cluster, Device, EventMark } from "./devices";

const OLD_AFTER_MONTHS = 24;

/** "Dome camera" and the like. */
export function kind_words(device: Pick<Device, "kind" | "camera_type">): string {
  const { kind, camera_type } = device;
  if (kind === "camera" && camera_type === "dome") return say("Dome camera");
  if (kind === "camera" && camera_type === "panning") return say("Pan-tilt camera");
  if (kind === "camera" && camera_type === "fixed") return say("Fixed camera");
  switch (kind) {
    case "camera": return say("Camera");
    case "alpr": return say("Plate reader");
    case "acoustic": return say("Acoustic sensor");
    case "drone": return say("Drone base");
    case "guard": return say("Guard");
    case "sensor": return say("Sensor");
    case "speed_camera": return say("Speed camera");
    case "other": return say("Other device");
    default: return say("Device of unknown kind");
  }
}

export function event_words({ kind }: Pick<EventMark, "kind">): string {
  switch (kind) {
    case "drone_flight": return say("Drone flight");
    case "mobile_unit": return say("Mobile unit");
    case "trailer": return say("Camera trailer");
    default: return say("Surveillance event");
  }
}

export function octant_words(bearing_deg: number): string {
  switch (octant_of(bearing_deg)) {
    case "N": return say("north");
    case "NE": return say("north-east");
    case "E": return say("east");
    case "SE": return say("south-east");
    case "S": return say("south");
    case "SW": return say("south-west");
    case "W": return say("west");
    case "NW": return say("north-west");
  }
}

/** "looks north-east and south"; empty where no direction is known. */
export function direction_words(arcs: readonly Arc[]): string {
  if (arcs.some(is_all_round)) return say("looks {winds}", { winds: say("all round") });
  const winds = [...new Set(arcs.map((arc) => octant_words(center_deg(arc) ?? 0)))];
  return winds.length ? say("looks {winds}", { winds: say_list(winds) }) : "";
}

export function state_words({ status, verification }: Pick<Device, "status" | "verification">): string {
  if (status === "removed") return say("removed");
  if (status === "disused") return say("out of use");
  if (status === "planned") return say("planned");
  switch (verification) {
    case "verified": return say("verified on the spot");
    case "osm_only": return say("from OpenStreetMap only");
    case "declared": return say("on paper only");
    default: return say("not verified");
  }
}

/** A partial date (2026, 2026-05, 2026-05-12) in words; empty where it is none. */
export function date_words(partial: string): string {
  const [year, month, day] = partial.split("-").map(Number);
  if (!year) return "";
  if (!month) return String(year);
  const options: Intl.DateTimeFormatOptions = day
    ? { year: "numeric", month: "long", day: "numeric", timeZone: "UTC" }
    : { year: "numeric", month: "long", timeZone: "UTC" };
  const date = new Date(Date.UTC(year, month - 1, day || 1));
  return new Intl.DateTimeFormat(language(), options).format(date);
}

/** Whether nobody has seen it for two years; an undated device is not called old. */
export function is_old({ last_seen }: Pick<Device, "last_seen">, today: Date): boolean {
  const [year, month] = last_seen.split("-").map(Number);
  if (!year) return false;
  const months = (today.getFullYear() - year) * 12 + today.getMonth() + 1 - (month || 12);
  return months > OLD_AFTER_MONTHS;
}

/** "verified on the spot, seen in May 2026". */
export function evidence_words(device: Device): string {
  const seen = date_words(device.last_seen);
  const state = state_words(device);
  return seen ? say("{state}, last seen {date}", { state, date: seen }) : state;
}

/** One device as one line. */
export function device_words(device: Device): string {
  return [kind_words(device), direction_words(device.arcs), state_words(device)]
    .filter(Boolean)
    .join(", ");
}

export function cluster_words({ count }: Cluster): string {
  return say_count("{count} device, zoom in", "{count} devices, zoom in", count);
}

/** What is in view, as one sentence. */
export function view_words(
  devices: readonly Device[], clusters: readonly Cluster[], events: readonly EventMark[],
): string {
  const count = clusters.reduce((sum, cluster) => sum + cluster.count, devices.length);
  if (count + events.length === 0) return say("Nothing recorded in this view.");
  const sentences = [say_count("{count} device in view.", "{count} devices in view.", count)];
  if (events.length) {
    sentences.push(say_count("{count} event in view.", "{count} events in view.", events.length));
  }
  if (clusters.length) sentences.push(say("Zoom in to see them one by one."));
  return sentences.join(" ");
}
