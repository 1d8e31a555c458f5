/**
 * Signs that can be told apart and tapped, and never more than a phone can move: what would cover
 * each other becomes one ring, whether it came as devices or as the server's clusters.
 */

import type { Cluster, Device } from "./devices";
import type { Bbox, Position } from "./leaflet_border";

export const MAX_OBJECTS = 400;
export const SIGN_PX = 24;
/** A finger's breadth between middles, even of two small signs. */
const LEAST_PX = 32;
const MOST_PX = 8192;

export interface Gathered {
  readonly devices: readonly Device[];
  readonly clusters: readonly Cluster[];
}

/** One mark to be drawn, and where it stands in pixels. */
interface Mark extends Position {
  readonly id: string;
  readonly count: number;
  readonly bbox: Bbox;
  /** Unknown where the server gathered. */
  readonly members: readonly Device[] | null;
  readonly across_px: number;
  readonly down_px: number;
}

/** A ring that grows with the logarithm of its count; one device is a sign. */
export function size_px(count: number): number {
  return count > 1 ? Math.round(28 + 11 * Math.log10(count)) : SIGN_PX;
}

/** Gather at a zoom, wider and wider until nothing is covered and at most `most` marks are left. */
export function gather(
  devices: readonly Device[], clusters: readonly Cluster[], zoom: number, most = MAX_OBJECTS,
): Gathered {
  let marks = [...devices.map(mark_of_device), ...clusters.map(mark_of_cluster)].map(
    (mark) => ({ ...mark, ...pixels_of(mark, zoom) }),
  );
  for (let least_px = LEAST_PX; ; ) {
    const merged = merged_once(marks, least_px);
    const is_settled = merged.length === marks.length;
    marks = merged;
    if (!is_settled) continue;
    if (marks.length <= most || least_px > MOST_PX) break;
    least_px *= 2;
  }
  return {
    devices: marks.flatMap(({ count, members }) => (count === 1 && members ? members : [])),
    clusters: marks.flatMap((mark) => (mark.count === 1 && mark.members ? [] : [cluster_of(mark)])),
  };
}

/** Each mark, the largest first, joins the first one it would touch. */
function merged_once(marks: readonly Mark[], least_px: number): Mark[] {
  const ordered = [...marks].sort((a, b) => b.count - a.count || (a.id < b.id ? -1 : 1));
  // Cells as wide as the longest reach: what touches is in the same cell or the next.
  const cell_px = Math.max(least_px, ...ordered.slice(0, 1).map(({ count }) => size_px(count)));
  const cells = new Map<string, number[]>();
  const kept: Mark[] = [];
  for (const mark of ordered) {
    const column = Math.floor(mark.across_px / cell_px);
    const row = Math.floor(mark.down_px / cell_px);
    const near = around(cells, column, row).find((at) => touches(kept[at]!, mark, least_px));
    if (near !== undefined) {
      kept[near] = joined(kept[near]!, mark);
      continue;
    }
    const key = `${column}/${row}`;
    cells.set(key, [...(cells.get(key) ?? []), kept.length]);
    kept.push(mark);
  }
  return kept;
}

function around(cells: ReadonlyMap<string, number[]>, column: number, row: number): number[] {
  const steps = [-1, 0, 1];
  return steps.flatMap((x) => steps.flatMap((y) => cells.get(`${column + x}/${row + y}`) ?? []));
}

function touches(a: Mark, b: Mark, least_px: number): boolean {
  const apart_px = Math.hypot(a.across_px - b.across_px, a.down_px - b.down_px);
  return apart_px < Math.max(least_px, (size_px(a.count) + size_px(b.count)) / 2);
}

/** The larger takes in the smaller and stays where it is: rings keep their distance. */
function joined(large: Mark, small: Mark): Mark {
  const bbox: Bbox = {
    west: Math.min(large.bbox.west, small.bbox.west),
    south: Math.min(large.bbox.south, small.bbox.south),
    east: Math.max(large.bbox.east, small.bbox.east),
    north: Math.max(large.bbox.north, small.bbox.north),
  };
  const members = large.members && small.members ? [...large.members, ...small.members] : null;
  return { ...large, count: large.count + small.count, bbox, members };
}

function pixels_of({ lon, lat }: Position, zoom: number): { across_px: number; down_px: number } {
  const world_px = 256 * 2 ** zoom;
  const mercator = Math.asinh(Math.tan((lat * Math.PI) / 180)) / (2 * Math.PI);
  return { across_px: (lon / 360) * world_px, down_px: mercator * world_px };
}

type Unplaced = Omit<Mark, "across_px" | "down_px">;

function box_of({ lon, lat }: Position): Bbox {
  return { west: lon, south: lat, east: lon, north: lat };
}

function mark_of_device(device: Device): Unplaced {
  const { id, lon, lat } = device;
  return { id, lon, lat, count: 1, bbox: box_of(device), members: [device] };
}

function mark_of_cluster(cluster: Cluster): Unplaced {
  const { id, lon, lat, count } = cluster;
  return { id, lon, lat, count, bbox: cluster.bbox ?? box_of(cluster), members: null };
}

function cluster_of({ id, lon, lat, count, bbox, members }: Mark): Cluster {
  return { id: `ring/${id}`, lon, lat, count, bbox, ...(members ? { members } : {}) };
}
