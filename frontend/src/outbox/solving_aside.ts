/** Solves a challenge beside the page, which stays as quick as it is. */

import type { Challenge } from "altcha-lib/types";

import type { Solved } from "./solving";

// More than a solver gives itself: one that the browser stopped without a word holds up no report.
const PATIENCE_MS = 40_000;

export async function solve_aside(challenge: Challenge): Promise<Solved | null> {
  const worker = new Worker(new URL("./solver.ts", import.meta.url), { type: "module" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<Solved | null>) => resolve(event.data);
      worker.onerror = reject;
      timer = setTimeout(() => resolve(null), PATIENCE_MS);
      worker.postMessage(challenge);
    });
  } finally {
    clearTimeout(timer);
    worker.terminate();
  }
}
