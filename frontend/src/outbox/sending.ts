/**
 * Sends what waits, one upload at a time whatever is open: a lock keeps tabs and worker apart. A
 * part leaves on 200 or 201 only; our own refusals are kept for the walker to read, and anything
 * else (no network, a portal's page, a server that is down) is tried again later.
 */

import { announce } from "./news";
import { proof_by, type Solve } from "./proof";
import * as store from "./store";

const LOCK = "contrechamp-outbox";
// 20 MB at 300 kbit/s.
const TIMEOUT_MS = 10 * 60_000;
const FIRST_WAIT_S = 5;
const LONGEST_WAIT_S = 600;
// Refusals that pass by themselves.
const PASSING = new Set([408, 425, 429]);

export type Answer =
  | { readonly what: "taken"; readonly removed: readonly string[] }
  | { readonly what: "refused"; readonly reason: string }
  | { readonly what: "later"; readonly after_s: number; readonly is_offline: boolean };

/** What is left after a round: nothing, or how long to wait before the next. */
export interface Round {
  readonly left: number;
  readonly after_s: number;
}

/** Read what an answer means; only ours counts: a portal may answer anything, 200 too. */
export async function meaning_of(response: Response): Promise<Answer> {
  const type = response.headers.get("Content-Type") ?? "";
  const body = /\bjson\b/.test(type) ? await response.json().catch(() => null) : null;
  const is_ours = typeof body === "object" && body !== null;
  if ((response.status === 200 || response.status === 201) && is_ours && "taken" in body) {
    const removed: unknown = "removed" in body ? body.removed : [];
    return { what: "taken", removed: Array.isArray(removed) ? removed.map(String) : [] };
  }
  const is_refusal = response.status >= 400 && response.status < 500 && !PASSING.has(response.status);
  if (is_refusal && is_ours && "detail" in body && type.includes("problem+json")) {
    return { what: "refused", reason: String(body.detail) };
  }
  return { what: "later", after_s: Number(response.headers.get("Retry-After")) || 0, is_offline: false };
}

async function put(
  path: string, envelope: Uint8Array<ArrayBuffer>, proof: string,
): Promise<Answer> {
  try {
    const response = await fetch(path, {
      method: "PUT",
      body: envelope,
      headers: {
        "Content-Type": "application/octet-stream", ...(proof && { "Proof-Of-Work": proof }),
      },
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return await meaning_of(response);
  } catch {
    return { what: "later", after_s: 0, is_offline: true };
  }
}

/** Send the parts of one report; return what stopped it, if anything did. */
async function send_report(id: string, solve: Solve): Promise<Answer | undefined> {
  for (;;) {
    const report = await store.report_of(id);
    const part = report?.parts.find(({ refused }) => refused === undefined);
    // Photos of a report that was refused have nowhere to go.
    if (!part || report?.parts.some(({ place, refused }) => place === 0 && refused)) return undefined;
    const envelope = await store.envelope_of(id, part.place);
    if (!envelope) return undefined;
    announce({ what: "sending", id });
    // Photos of a report that was taken need none.
    const proof = part.place === 0 ? await proof_by(solve) : "";
    const answer = await put(part.path, envelope, proof);
    if (answer.what === "later") return answer;
    if (answer.what === "taken") {
      const is_whole = await store.forget_part(id, part.place);
      announce({ what: "taken", id, removed: answer.removed });
      if (is_whole) announce({ what: "sent", id });
    } else {
      await store.refuse_part(id, part.place, answer.reason);
    }
    announce({ what: "changed" });
  }
}

async function send_all(solve: Solve): Promise<Round> {
  let after_s = 0;
  for (const { id } of await store.waiting_reports()) {
    const stopped = await send_report(id, solve);
    if (stopped?.what !== "later") continue;
    after_s = Math.max(after_s, stopped.after_s);
    if (stopped.is_offline) break;
  }
  const reports = await store.waiting_reports();
  const left = reports.filter(({ parts }) => parts.some(({ refused }) => refused === undefined));
  if (left.length) announce({ what: "resting" });
  return { left: left.length, after_s };
}

/**
 * Send what waits; where somebody else is sending already, wait for them and look again. `solve`
 * does the work of a proof: pages have a worker for it, the service worker has none.
 */
export async function send_waiting(solve: Solve): Promise<Round> {
  return navigator.locks.request(LOCK, () => send_all(solve));
}

/** How long to wait after so many rounds in vain: doubling, at most ten minutes, never in step. */
export function wait_s(rounds: number, after_s: number, random = Math.random()): number {
  const doubled = Math.min(FIRST_WAIT_S * 2 ** rounds, LONGEST_WAIT_S);
  return Math.max(after_s, doubled * (0.5 + random / 2));
}
