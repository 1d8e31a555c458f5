import { readFileSync } from "node:fs";

import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Leaflet as it is, for the stand-alone maps that manage.py city_map writes. */
const leaflet_for_city_maps: Plugin = {
  name: "leaflet-for-city-maps",
  generateBundle() {
    for (const name of ["leaflet.js", "leaflet.css"]) {
      const source = readFileSync(`node_modules/leaflet/dist/${name}`);
      this.emitFile({ type: "asset", fileName: `vendor/${name}`, source });
    }
  },
};

// One entry a page that needs more than main.ts; django-vite reads the manifest.
export default defineConfig({
  base: "/static/",
  logLevel: "warn",
  plugins: [leaflet_for_city_maps],
  publicDir: "frontend/public",
  build: {
    outDir: "frontend/dist",
    manifest: true,
    // The polyfill would be an inline-ish module of its own on each page; every browser we serve has it.
    modulePreload: { polyfill: false },
    target: ["es2022", "chrome111", "firefox115", "safari16.4"],
    rollupOptions: {
      input: [
        "frontend/src/main.ts",
        "frontend/src/map/main.ts",
        "frontend/src/report/main.ts",
        "frontend/src/outbox/at_hand.ts",
        "frontend/src/outbox/queue_page.ts",
        "frontend/src/moderation/main.ts",
        "frontend/src/moderation/import.ts",
        "frontend/src/ui/desk.css",
        "frontend/src/walk/choose.ts",
        "frontend/src/walk/notes.ts",
        "frontend/src/ui/walk.css",
        "frontend/src/admin/location_widget.ts",
      ],
      output: {
        // A dot and at least eight characters before the ending: what a server may cache for ever.
        entryFileNames: "assets/[name].[hash:12].js",
        chunkFileNames: "assets/[name].[hash:12].js",
        assetFileNames: "assets/[name].[hash:12][extname]",
        hashCharacters: "hex",
      },
    },
  },
  worker: {
    format: "es",
    rollupOptions: {
      output: { entryFileNames: "assets/[name].[hash:12].js", hashCharacters: "hex" },
    },
  },
  test: {
    // A file that needs a document says so in its first line: making one costs more than most tests.
    environment: "node",
    projects: [
      // Channels and databases need a process of their own; for the rest a context is enough, at a
      // quarter of the time.
      { extends: true, test: { name: "outbox", include: ["frontend/src/outbox/*.test.ts"] } },
      {
        extends: true,
        test: {
          name: "pages",
          include: ["frontend/src/**/*.test.ts"],
          exclude: ["frontend/src/outbox/*.test.ts"],
          pool: "vmThreads",
        },
      },
    ],
  },
});
