// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { listen, type News } from "./news";
import { keep_sending, SYNC_TAG } from "./rounds";
import { send_waiting } from "./sending";
import * as store from "./store";

const ID = "3f0c8f0e-6f0f-4a53-9a51-0c8f1f3a2b11";
const PARTS = [{ path: "/report", envelope: Uint8Array.of(1) }];
const taken = (): Response =>
  new Response(JSON.stringify({ taken: "report" }), {
    status: 201, headers: { "Content-Type": "application/json" },
  });

const solve_not = async (): Promise<null> => null;

let happened: string[] = [];
let is_online = true;
let is_persisted = false;
const persist = vi.fn(async () => is_persisted);

/** A browser with locks, background sync and a say on what it keeps. */
function browser(): unknown {
  let before: Promise<unknown> = Promise.resolve();
  const request = (_name: string, work: () => Promise<unknown>): Promise<unknown> => {
    before = before.then(work, work);
    return before;
  };
  const register = async (tag: string): Promise<void> => void happened.push(`sync ${tag}`);
  return {
    locks: { request }, onLine: true,
    serviceWorker: { ready: Promise.resolve({ sync: { register } }) },
    storage: { persist, persisted: async () => is_persisted },
  };
}

beforeEach(() => {
  happened = [];
  is_online = true;
  is_persisted = false;
  persist.mockClear();
  vi.stubGlobal("navigator", browser());
  vi.stubGlobal("fetch", async (path: string) => {
    // A report goes without a proof of work where there is none to be had.
    if (path === "/api/v1/challenge") return new Response(null, { status: 503 });
    // A network takes its time; the tag does not wait for it.
    await new Promise((resolve) => setTimeout(resolve, 5));
    happened.push("sent");
    if (!is_online) throw new TypeError("offline");
    return taken();
  });
});

afterEach(async () => {
  await store.delete_store();
  vi.unstubAllGlobals();
});

describe("a round of sending", () => {
  it("asks for background sync before the first byte travels", async () => {
    await store.keep(ID, PARTS);
    await keep_sending();
    expect(happened).toEqual([`sync ${SYNC_TAG}`, "sent"]);
  });

  it("asks for nothing where nothing waits, or only what was refused", async () => {
    await keep_sending();
    await store.keep(ID, PARTS);
    await store.refuse_part(ID, 0, "No.");
    await keep_sending();
    expect(happened).toEqual([]);
    expect(persist).not.toHaveBeenCalled();
  });

  it("asks that what is left be kept, and has the pages say what was answered", async () => {
    is_online = false;
    const told: News[] = [];
    const stop = listen((news) => told.push(news));
    await store.keep(ID, PARTS);
    await keep_sending();
    await vi.waitFor(() => expect(told.at(-1)).toEqual({ what: "changed" }));
    expect(told.map(({ what }) => what)).toContain("resting");
    expect(persist).toHaveBeenCalledTimes(1);
    stop();
  });

  it("sends nothing twice when page and worker send at once", async () => {
    await store.keep(ID, PARTS);
    await Promise.all([keep_sending(), send_waiting(solve_not), send_waiting(solve_not)]);
    expect(happened.filter((what) => what === "sent")).toHaveLength(1);
  });

  it("begins anew when the network is back", async () => {
    is_online = false;
    await store.keep(ID, PARTS);
    await keep_sending();
    is_online = true;
    dispatchEvent(new Event("online"));
    await vi.waitFor(async () => expect(await store.waiting_reports()).toEqual([]));
  });
});
