/** Solves a challenge beside the page, which stays as quick as it is. */

import type { Challenge } from "altcha-lib/types";

import type { Solved } from "./solving";

export async function solve_aside(challenge: Challenge): Promise<Solved | null> {
  const worker = new Worker(new URL("./solver.ts", import.meta.url), { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onmessage = (event: MessageEvent<Solved | null>) => resolve(event.data);
      worker.onerror = reject;
      worker.postMessage(challenge);
    });
  } finally {
    worker.terminate();
  }
}
