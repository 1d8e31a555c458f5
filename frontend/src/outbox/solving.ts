/** Solves a challenge of the server's (altcha, version 2), wherever it is called. */

import { solveChallenge } from "altcha-lib";
import { deriveKey } from "altcha-lib/algorithms/web/pbkdf2";
import type { Challenge } from "altcha-lib/types";

// A phone that needs longer sends without; its report waits for a moderator.
const PATIENCE_MS = 30_000;

/** What goes with a report: what was asked, and what was found out; not how long that took. */
export interface Solved {
  readonly challenge: Challenge;
  readonly solution: { readonly counter: number; readonly derivedKey: string };
}

export async function solve_here(challenge: Challenge): Promise<Solved | null> {
  const found = await solveChallenge({ challenge, deriveKey, timeout: PATIENCE_MS });
  return found && { challenge, solution: { counter: found.counter, derivedKey: found.derivedKey } };
}
