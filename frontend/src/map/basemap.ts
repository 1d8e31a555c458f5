/**
 * The ground: our own PMTiles drawn in paper tones. All that knows the base map's schema and its
 * library is here, so that either can be exchanged (docs/decisions/0003-leaflet-and-vite.md).
 */

import * as L from "leaflet";
import type { LabelRule, PaintRule } from "protomaps-leaflet";

type Library = typeof import("protomaps-leaflet");

/** drawn; absent: none was built; failed: it is there and did not come. */
export type BasemapState = "drawn" | "absent" | "failed";

/** `mapper.basemap.schema`'s kinds of road, the thinnest first. */
const ROADS: readonly (readonly [kind: string, width: number, from_zoom: number])[] = [
  ["path", 0.3, 15],
  ["minor", 0.6, 12],
  ["secondary", 0.85, 10],
  ["primary", 1.1, 8],
  ["motorway", 1.3, 5],
];
const PLACES: readonly (readonly [kinds: readonly string[], font: string, to_zoom: number])[] = [
  [["city", "town"], "600 14px", 15],
  [["village", "suburb"], "600 12px", 16],
  [["quarter"], "500 12px", 17],
];

/** Draw the base map, now and whenever the colours change. */
export async function add_basemap(map: L.Map, address: string): Promise<BasemapState> {
  if (!address) return "absent";
  const found = await is_there(address);
  if (found !== "drawn") return found;
  // protomaps-leaflet is written against a global `L`.
  Object.assign(globalThis, { L });
  const library = await import("protomaps-leaflet");
  let layer = draw(map, library, address);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", () => {
    layer.remove();
    layer = draw(map, library, address);
  });
  return "drawn";
}

async function is_there(address: string): Promise<BasemapState> {
  try {
    const answer = await fetch(address, { headers: { Range: "bytes=0-15" }, credentials: "omit" });
    if (answer.status === 404) return "absent";
    return answer.ok ? "drawn" : "failed";
  } catch {
    return "failed";
  }
}

function draw(map: L.Map, library: Library, address: string): L.Layer {
  const style = getComputedStyle(map.getContainer());
  const colour = (name: string): string => style.getPropertyValue(`--map-${name}`).trim();
  const layer = library.leafletLayer({
    url: address,
    maxDataZoom: 14,
    // Written by hand on every map: protomaps-leaflet's own names a site we don't use.
    attribution: "",
    backgroundColor: colour("ground"),
    paintRules: paint_rules(library, colour),
    labelRules: label_rules(library, colour, style.fontFamily),
  }) as unknown as L.Layer;
  return layer.addTo(map);
}

function paint_rules(
  { PolygonSymbolizer, LineSymbolizer, exp }: Library, colour: (name: string) => string,
): PaintRule[] {
  const area = (dataLayer: string, minzoom = 0): PaintRule => ({
    dataLayer, minzoom, symbolizer: new PolygonSymbolizer({ fill: colour(dataLayer) }),
  });
  const line = (dataLayer: string, name: string, width: number, kind = ""): PaintRule => ({
    dataLayer,
    symbolizer: new LineSymbolizer({
      color: colour(name), lineCap: "round", lineJoin: "round",
      width: exp(1.6, [[8, width * 0.7], [13, width * 2], [16, width * 8], [19, width * 34]]),
    }),
    filter: (_, { props }) => !kind || props["kind"] === kind,
  });
  const road = (name: string, extra: number): PaintRule[] =>
    ROADS.map(([kind, width, minzoom]) => ({ ...line("road", name, width * extra, kind), minzoom }));
  return [
    area("green"),
    area("water"),
    line("waterway", "water", 0.6),
    area("building", 14),
    {
      dataLayer: "building", minzoom: 16,
      symbolizer: new LineSymbolizer({ color: colour("building-edge"), width: 0.75 }),
    },
    line("rail", "rail", 0.2),
    // Every edge below every surface, so that crossings join.
    ...road("road-edge", 1.25),
    ...road("road", 1),
  ];
}

function label_rules(
  { CenteredTextSymbolizer, LineLabelSymbolizer }: Library,
  colour: (name: string) => string, family: string,
): LabelRule[] {
  const ink = { fill: colour("label"), stroke: colour("ground"), width: 3, labelProps: ["name"] };
  const street: LabelRule = {
    dataLayer: "road", minzoom: 15,
    symbolizer: new LineLabelSymbolizer({ ...ink, font: `500 11px ${family}` }),
    filter: (zoom, { props }) => zoom >= 17 || props["kind"] !== "path",
  };
  const places = PLACES.map(([kinds, font, maxzoom]): LabelRule => ({
    dataLayer: "place", maxzoom,
    symbolizer: new CenteredTextSymbolizer({ ...ink, font: `${font} ${family}` }),
    filter: (_, { props }) => kinds.includes(String(props["kind"])),
  }));
  return [...places, street];
}
