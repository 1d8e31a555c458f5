// Holds the built files to what a page may weigh, in gzip (after `vite build`).
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const DIST = "frontend/dist";
const SRC = "frontend/src";
const manifest = JSON.parse(readFileSync(join(DIST, ".vite/manifest.json"), "utf8"));

const NONE = () => false;
const ALL = () => true;
const LIBRARY = (key) => !key.startsWith(`${SRC}/`);
const AT_ONCE = (key) => !key.startsWith(`${SRC}/outbox/`);
const OUTBOX = (key) => key.startsWith(`${SRC}/outbox/`);
// What the steps of a report load one after another, beside the map and the dial.
const STEPS = ["draft", "exif", "known", "shrink", "summary"].map((name) => `report/${name}.ts`);

// [page, entries it loads, which dynamic imports too, JS bytes, CSS bytes, entries already there]
const BUDGETS = [
  ["every page", ["main.ts"], NONE, 5_000, 8_000],
  ["report, before the map", ["main.ts", "report/main.ts"], NONE, 12_000, 8_000],
  ["report, step 2", ["report/place.ts", "report/dial.ts"], LIBRARY, 100_000, 12_000, ["main.ts", "report/main.ts"]],
  ["report, all its steps", ["report/place.ts", "report/dial.ts", ...STEPS], LIBRARY, 110_000, 12_000, ["main.ts", "report/main.ts"]],
  ["report, after send", ["main.ts", "report/main.ts"], OUTBOX, 40_000, 8_000],
  ["what to do when stopped", ["main.ts", "outbox/at_hand.ts"], NONE, 5_000, 8_000],
  ["what waits on a phone", ["main.ts", "outbox/queue_page.ts"], NONE, 12_000, 8_000],
  ["map", ["main.ts", "map/main.ts"], AT_ONCE, 110_000, 12_000],
  ["map, after send", ["report/presence.ts"], OUTBOX, 40_000, 8_000, ["main.ts", "map/main.ts"]],
  ["moderation", ["main.ts", "moderation/main.ts", "ui/desk.css"], ALL, 110_000, 12_000],
  ["walk kit, the chooser", ["main.ts", "walk/choose.ts", "ui/walk.css"], ALL, 110_000, 12_000],
  ["walk kit, paper notes", ["main.ts", "walk/notes.ts", "ui/walk.css"], NONE, 5_000, 9_000],
  ["many photos", ["main.ts", "moderation/import.ts", "ui/desk.css"], NONE, 10_000, 9_000],
  ["admin's point picker", ["admin/location_widget.ts"], ALL, 110_000, 12_000],
];
const FONT_BYTES = 30_000;
const WORKER_BYTES = 6_000;
const SOLVER_BYTES = 3_000;

function files_of(keys, is_loaded) {
  const seen = new Set();
  const files = { js: new Set(), css: new Set() };
  const visit = (key) => {
    if (seen.has(key)) return;
    seen.add(key);
    const chunk = manifest[key];
    files[chunk.file.endsWith(".css") ? "css" : "js"].add(chunk.file);
    for (const css of chunk.css ?? []) files.css.add(css);
    for (const next of chunk.imports ?? []) visit(next);
    for (const next of chunk.dynamicImports ?? []) if (is_loaded(next)) visit(next);
  };
  for (const key of keys) visit(`${SRC}/${key}`);
  return files;
}

const without = (files, others) => [...files].filter((file) => !others.has(file));
const weigh = (files) =>
  [...files].reduce((sum, file) => sum + gzipSync(readFileSync(join(DIST, file))).length, 0);

let is_over = false;
function line(name, what, bytes, most) {
  const mark = bytes > most ? "TOO BIG" : "ok";
  is_over ||= bytes > most;
  console.log(`${mark.padEnd(8)}${name.padEnd(26)}${what.padEnd(6)}${String(bytes).padStart(7)} of ${most}`);
}

for (const [name, entries, is_loaded, js, css, before = []] of BUDGETS) {
  const files = files_of(entries, is_loaded);
  const there = files_of(before, NONE);
  line(name, "JS", weigh(without(files.js, there.js)), js);
  line(name, "CSS", weigh(without(files.css, there.css)), css);
}
line("the worker", "JS", weigh(["service_worker.js"]), WORKER_BYTES);
const assets = new Set(Object.values(manifest).flatMap((chunk) => chunk.assets ?? []));
for (const asset of assets) {
  if (/\/solver\..*\.js$/.test(asset)) line("what solves a proof", "JS", weigh([asset]), SOLVER_BYTES);
  if (asset.endsWith(".woff2")) line("font", "", readFileSync(join(DIST, asset)).length, FONT_BYTES);
}
process.exit(is_over ? 1 : 0);
