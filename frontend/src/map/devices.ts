/** What a tile holds: devices when near, clusters when far, events. */

import { VectorTile, type VectorTileFeature, type VectorTileLayer } from "@mapbox/vector-tile";
import Pbf from "pbf";

import { arcs_from_json, type Arc } from "../geo/direction";
import { parse_bbox, type Bbox, type Position } from "./leaflet_border";

export interface Device extends Position {
  readonly id: string;
  readonly kind: string;
  readonly camera_type: string;
  readonly status: string;
  readonly verification: string;
  readonly arcs: readonly Arc[];
  readonly last_seen: string;
  readonly name: string;
}

export interface Cluster extends Position {
  readonly id: string;
  readonly count: number;
  readonly bbox: Bbox | null;
  /** Known where the cluster was gathered here, not by the server. */
  readonly members?: readonly Device[];
}

export interface EventMark extends Position {
  readonly id: string;
  readonly kind: string;
}

export interface Marks {
  readonly devices: readonly Device[];
  readonly clusters: readonly Cluster[];
  readonly events: readonly EventMark[];
}

export const NO_MARKS: Marks = { devices: [], clusters: [], events: [] };

export interface TileAddress {
  readonly z: number;
  readonly x: number;
  readonly y: number;
}

/** Decode one MVT tile. */
export function decode_tile(bytes: ArrayBuffer, address: TileAddress): Marks {
  const { layers } = new VectorTile(new Pbf(bytes));
  const groups = read_layer(layers["clusters"], address, read_group);
  return {
    devices: [
      ...read_layer(layers["devices"], address, read_device),
      ...groups.filter((group): group is Device => "kind" in group),
    ],
    clusters: groups.filter((group): group is Cluster => "count" in group),
    events: read_layer(layers["events"], address, read_event),
  };
}

type Properties = Readonly<Record<string, number | string | boolean>>;
type Reader<T> = (properties: Properties, position: Position, key: string) => T;

function read_layer<T>(
  layer: VectorTileLayer | undefined, address: TileAddress, read: Reader<T>,
): T[] {
  const found: T[] = [];
  for (let index = 0; index < (layer?.length ?? 0); index += 1) {
    const feature = layer!.feature(index);
    const position = position_of(feature, address);
    const key = `${address.z}/${address.x}/${address.y}/${index}`;
    if (position) found.push(read(feature.properties, position, key));
  }
  return found;
}

/** The middle of a feature, or null where it lies in the buffer and so in the next tile too. */
function position_of(feature: VectorTileFeature, { z, x, y }: TileAddress): Position | null {
  const [left, top, right, bottom] = feature.bbox() as [number, number, number, number];
  const across = (left + right) / 2 / feature.extent;
  const down = (top + bottom) / 2 / feature.extent;
  if (across < 0 || across >= 1 || down < 0 || down >= 1) return null;
  const size = 2 ** z;
  const turn = Math.PI - (2 * Math.PI * (y + down)) / size;
  return {
    lon: ((x + across) / size) * 360 - 180,
    lat: (Math.atan(Math.sinh(turn)) * 180) / Math.PI,
  };
}

function text_of(properties: Properties, name: string): string {
  const value = properties[name];
  return value === undefined || value === null ? "" : String(value);
}

function read_device(properties: Properties, position: Position): Device {
  return {
    ...position,
    id: text_of(properties, "id"),
    kind: text_of(properties, "kind") || "unknown",
    camera_type: text_of(properties, "camera_type"),
    status: text_of(properties, "status") || "active",
    verification: text_of(properties, "verification") || "unverified",
    arcs: arcs_from_json(properties["direction"]),
    last_seen: text_of(properties, "last_seen"),
    name: text_of(properties, "name"),
  };
}

/** A group of one is that device, with what its sign needs. */
function read_group(properties: Properties, position: Position, key: string): Cluster | Device {
  const is_alone = Number(properties["count"]) === 1 && properties["id"] !== undefined;
  return is_alone ? read_device(properties, position) : read_cluster(properties, position, key);
}

function read_cluster(properties: Properties, position: Position, key: string): Cluster {
  const extent = ["west", "south", "east", "north"].map((side) => text_of(properties, side));
  return {
    ...position,
    id: key,
    count: Number(properties["count"]) || 1,
    bbox: parse_bbox(extent.join(",")),
  };
}

function read_event(properties: Properties, position: Position): EventMark {
  return { ...position, id: text_of(properties, "id"), kind: text_of(properties, "kind") };
}
