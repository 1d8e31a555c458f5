/** Where the phone is: watched from a tap on, the best fix kept with its accuracy. Nothing leaves. */

import type { Position } from "../map/leaflet_border";

/** A worse fix never places the pin: it may be the next street. */
export const WORST_FIX_M = 50;
/** An older fix gives way to any newer one: the walker has walked. */
export const STALE_AFTER_MS = 30_000;
const GIVE_UP_AFTER_MS = 120_000;

export interface Fix extends Position {
  readonly accuracy_m: number;
  /** Milliseconds, of any clock that only goes forward. */
  readonly at_ms: number;
}

export type Problem = "absent" | "denied" | "failed";

/** Which of two fixes to keep. */
export function better_fix(kept: Fix | null, next: Fix): Fix {
  if (!Number.isFinite(next.accuracy_m)) return kept ?? next;
  if (kept === null || !Number.isFinite(kept.accuracy_m)) return next;
  if (next.at_ms - kept.at_ms > STALE_AFTER_MS) return next;
  return next.accuracy_m <= kept.accuracy_m ? next : kept;
}

/** Whether a fix may place the pin. */
export function is_good(fix: Fix | null): fix is Fix {
  return fix !== null && fix.accuracy_m <= WORST_FIX_M;
}

/** One watch for one report; `begin` only from a tap, after words that say why. */
export class Fixes {
  best: Fix | null = null;
  problem: Problem | null = null;
  readonly #tell: () => void;
  #watch: number | null = null;
  #timer = 0;

  constructor(tell: () => void) {
    this.#tell = tell;
  }

  get is_looking(): boolean {
    return this.#watch !== null && this.best === null && this.problem === null;
  }

  begin(): void {
    if (this.#watch !== null) return;
    if (!("geolocation" in navigator)) {
      this.problem = "absent";
      this.#tell();
      return;
    }
    this.problem = null;
    this.#watch = navigator.geolocation.watchPosition(
      ({ coords }) => this.#take({
        lon: coords.longitude, lat: coords.latitude, accuracy_m: coords.accuracy, at_ms: Date.now(),
      }),
      (error) => this.#fail(error.code === error.PERMISSION_DENIED ? "denied" : "failed"),
      { enableHighAccuracy: true, timeout: 30_000, maximumAge: 0 },
    );
    // A receiver left on drains the battery of a long walk.
    this.#timer = window.setTimeout(() => this.end(), GIVE_UP_AFTER_MS);
  }

  end(): void {
    if (this.#watch !== null) navigator.geolocation.clearWatch(this.#watch);
    window.clearTimeout(this.#timer);
    this.#watch = null;
  }

  #take(fix: Fix): void {
    this.problem = null;
    this.best = better_fix(this.best, fix);
    this.#tell();
  }

  #fail(problem: Problem): void {
    if (this.best === null) this.problem = problem;
    // Ended, so that the next tap asks anew.
    if (problem === "denied") this.end();
    this.#tell();
  }
}
