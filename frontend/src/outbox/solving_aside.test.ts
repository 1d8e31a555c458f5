import type { Challenge } from "altcha-lib/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { solve_aside } from "./solving_aside";

const CHALLENGE = { parameters: { nonce: "00" } } as unknown as Challenge;
const SOLVED = { challenge: CHALLENGE, solution: { counter: 1, derivedKey: "aa" } };
const terminate = vi.fn();
let behave: (worker: FakeWorker) => void;

class FakeWorker {
  onmessage?: (event: { data: unknown }) => void;
  onerror?: (error: unknown) => void;
  terminate = terminate;
  postMessage(said: unknown): void {
    expect(said).toBe(CHALLENGE);
    behave(this);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("Worker", FakeWorker);
  terminate.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("solve_aside", () => {
  it("returns what the worker found, and ends it", async () => {
    behave = (worker) => worker.onmessage!({ data: SOLVED });
    expect(await solve_aside(CHALLENGE)).toEqual(SOLVED);
    expect(terminate).toHaveBeenCalledTimes(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("fails where the browser lets it run none", async () => {
    behave = (worker) => worker.onerror!(new Error("refused"));
    await expect(solve_aside(CHALLENGE)).rejects.toThrow("refused");
    expect(terminate).toHaveBeenCalledTimes(1);
  });

  it("waits for a worker that fell silent, but not for ever", async () => {
    behave = () => undefined;
    const waiting = solve_aside(CHALLENGE);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(await waiting).toBeNull();
    expect(terminate).toHaveBeenCalledTimes(1);
  });
});
