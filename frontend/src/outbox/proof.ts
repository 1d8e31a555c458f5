/**
 * The proof of work of a report that is about to be sent. It is asked for when the report leaves
 * and not when it is kept: a challenge is good for an hour. The request tells nothing, no position,
 * no id; whatever goes wrong, the report goes without, and waits for a moderator.
 */

import type { Challenge } from "altcha-lib/types";

import type { Solved } from "./solving";

export type Solve = (challenge: Challenge) => Promise<Solved | null>;

const CHALLENGE = "/api/v1/challenge";
const TIMEOUT_MS = 20_000;

/** Return what goes into the header or the field; empty where there is none to be had. */
export async function proof_by(solve: Solve): Promise<string> {
  // Without WebCrypto, as over plain http, nothing could be solved.
  if (crypto.subtle === undefined) return "";
  try {
    const response = await fetch(CHALLENGE, {
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!response.ok) return "";
    const solved = await solve((await response.json()) as Challenge);
    return solved ? btoa(JSON.stringify(solved)) : "";
  } catch {
    return "";
  }
}
