import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

import { defineConfig } from "vite";

const DIST = "frontend/dist";
const BASE = "/static/";
// What the pages at hand load (frontend/src/outbox/pages.ts).
const ENTRIES = ["main.ts", "report/main.ts", "outbox/queue_page.ts", "outbox/at_hand.ts"];

interface Chunk {
  file: string;
  css?: string[];
  assets?: string[];
  imports?: string[];
  dynamicImports?: string[];
}

/** Every file that the entries need, now or later, of the build that went before. */
function files_of(entries: readonly string[]): string[] {
  const manifest = JSON.parse(readFileSync(`${DIST}/.vite/manifest.json`, "utf8")) as Record<string, Chunk>;
  const seen = new Set<string>();
  const files = new Set<string>(["favicon.svg"]);
  const visit = (key: string): void => {
    if (seen.has(key)) return;
    seen.add(key);
    const { file, css = [], assets = [], imports = [], dynamicImports = [] } = manifest[key]!;
    for (const name of [file, ...css, ...assets]) files.add(name);
    [...imports, ...dynamicImports].forEach(visit);
  };
  for (const entry of entries) visit(`frontend/src/${entry}`);
  return [...files].sort().map((file) => BASE + file);
}

const files = files_of(ENTRIES);

// The worker stands alone, at an address that never changes: it is no entry of the other build.
export default defineConfig({
  publicDir: false,
  logLevel: "warn",
  define: {
    FILES: JSON.stringify(files),
    BUILD: JSON.stringify(createHash("sha256").update(files.join("\n")).digest("hex").slice(0, 12)),
  },
  build: {
    outDir: DIST,
    emptyOutDir: false,
    target: ["es2022", "chrome111", "firefox115", "safari16.4"],
    rollupOptions: {
      input: "frontend/src/service_worker.ts",
      output: { format: "iife", entryFileNames: "service_worker.js" },
    },
  },
});
