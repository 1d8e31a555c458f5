import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { listen, type News } from "./news";
import type { Solve } from "./proof";
import { meaning_of, send_waiting as send_by, wait_s, type Round } from "./sending";
import type { Solved } from "./solving";
import * as store from "./store";

const PARTS = [
  { path: "/report", envelope: Uint8Array.of(1) },
  { path: "/photo", envelope: Uint8Array.of(2) },
];
const send_waiting = (): Promise<Round> => send_by(solve);
const json = (status: number, body: unknown, headers: Record<string, string> = {}): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: {
      "Content-Type": status < 400 ? "application/json" : "application/problem+json", ...headers,
    },
  });
const taken = (status = 201): Response => json(status, { taken: "photo", removed: ["the position"] });
const refused = (status: number): Response => json(status, { detail: "No such report." });

let told: News[] = [];
let stop: () => void;
const server = vi.fn<(path: string, init: RequestInit) => Promise<Response>>();
const challenger = vi.fn<() => Promise<Response>>();
const solve = vi.fn<Solve>();
const CHALLENGE = { parameters: { nonce: "00" }, signature: "11" };
const SOLVED = { challenge: CHALLENGE, solution: { counter: 7, derivedKey: "aa" } } as unknown as Solved;
const proof_at = (call: number): unknown =>
  (server.mock.calls[call]![1].headers as Record<string, string>)["Proof-Of-Work"];

beforeEach(() => {
  let before: Promise<unknown> = Promise.resolve();
  const request = (_name: string, work: () => Promise<unknown>): Promise<unknown> => {
    before = before.then(work, work);
    return before;
  };
  vi.stubGlobal("navigator", { locks: { request } });
  vi.stubGlobal("fetch", (path: string, init: RequestInit) =>
    path === "/api/v1/challenge" ? challenger() : server(path, init));
  challenger.mockReset().mockImplementation(async () => json(200, CHALLENGE));
  solve.mockReset().mockResolvedValue(SOLVED);
  server.mockReset().mockImplementation(async () => taken());
  told = [];
  stop = listen((news) => told.push(news));
});

afterEach(async () => {
  stop();
  vi.unstubAllGlobals();
  await store.delete_store();
});

describe("send_waiting", () => {
  it("sends the report, then its photos, and leaves nothing", async () => {
    await store.keep("a", PARTS);
    expect(await send_waiting()).toEqual({ left: 0, after_s: 0 });
    expect(server.mock.calls.map(([path]) => path)).toEqual(["/report", "/photo"]);
    expect(server.mock.calls[0]![1]).toMatchObject({ method: "PUT", credentials: "omit" });
    expect(await store.waiting_reports()).toEqual([]);
    expect(told).toContainEqual({ what: "sent", id: "a" });
    expect(told).toContainEqual({ what: "taken", id: "a", removed: ["the position"] });
  });

  it("keeps what has not arrived, and sends the rest of it later", async () => {
    await store.keep("a", PARTS);
    server.mockResolvedValueOnce(taken()).mockRejectedValueOnce(new TypeError("no network"));
    expect(await send_waiting()).toEqual({ left: 1, after_s: 0 });
    expect((await store.report_of("a"))!.parts).toEqual([{ place: 1, path: "/photo" }]);
    server.mockResolvedValueOnce(taken(200));
    expect(await send_waiting()).toEqual({ left: 0, after_s: 0 });
    expect(server.mock.calls.map(([path]) => path)).toEqual(["/report", "/photo", "/photo"]);
  });

  it("tries no other report without a network, but does past a server's bad moment", async () => {
    await store.keep("a", PARTS);
    await store.keep("b", PARTS);
    server.mockRejectedValue(new TypeError("no network"));
    await send_waiting();
    expect(server).toHaveBeenCalledTimes(1);
    server.mockReset().mockResolvedValue(json(503, {}, { "Retry-After": "300" }));
    expect(await send_waiting()).toEqual({ left: 2, after_s: 300 });
    expect(server).toHaveBeenCalledTimes(2);
  });

  it("sends no photo of a report that was refused, and waits for nobody", async () => {
    await store.keep("a", PARTS);
    server.mockResolvedValue(refused(409));
    expect(await send_waiting()).toEqual({ left: 1, after_s: 0 });
    expect(server).toHaveBeenCalledTimes(1);
    await send_waiting();
    expect(server).toHaveBeenCalledTimes(1);
    expect((await store.report_of("a"))!.parts[0]!.refused).toBe("No such report.");
  });

  it("sends the other photos where one is refused, and shows the one", async () => {
    await store.keep("a", [...PARTS, { path: "/other", envelope: Uint8Array.of(3) }]);
    server.mockImplementation(async (path) => (path === "/photo" ? refused(400) : taken()));
    expect(await send_waiting()).toEqual({ left: 0, after_s: 0 });
    expect((await store.report_of("a"))!.parts).toEqual(
      [{ place: 1, path: "/photo", refused: "No such report." }],
    );
  });

  it("sends once what two ask for at once", async () => {
    await store.keep("a", PARTS);
    await Promise.all([send_waiting(), send_waiting()]);
    expect(server).toHaveBeenCalledTimes(2);
  });
});

describe("the proof of work", () => {
  it("is made when a report leaves, for the report and not for its photos", async () => {
    await store.keep("a", PARTS);
    expect(challenger).not.toHaveBeenCalled();
    await send_waiting();
    expect(challenger).toHaveBeenCalledTimes(1);
    expect(solve).toHaveBeenCalledWith(CHALLENGE);
    expect(JSON.parse(atob(String(proof_at(0))))).toEqual(SOLVED);
    expect(proof_at(1)).toBeUndefined();
  });

  it("is made anew where a report did not arrive: the one before may be spent", async () => {
    await store.keep("a", PARTS);
    server.mockRejectedValueOnce(new TypeError("no network"));
    await send_waiting();
    await send_waiting();
    expect(challenger).toHaveBeenCalledTimes(2);
    expect(await store.waiting_reports()).toEqual([]);
  });

  it.each([
    ["no network", () => challenger.mockRejectedValue(new TypeError("blocked"))],
    ["an instance that asks for none", () => challenger.mockResolvedValue(json(404, {}))],
    ["a portal's page", () => challenger.mockResolvedValue(new Response("<h1>Welcome</h1>"))],
    ["a phone that is too slow", () => solve.mockResolvedValue(null)],
    ["a browser that can't", () => solve.mockRejectedValue(new Error("no worker"))],
    ["a page without WebCrypto", () => vi.stubGlobal("crypto", {})],
  ])("is left out with %s, and the report leaves all the same", async (_name, befall) => {
    befall();
    await store.keep("a", PARTS);
    expect(await send_waiting()).toEqual({ left: 0, after_s: 0 });
    expect(proof_at(0)).toBeUndefined();
    expect(server).toHaveBeenCalledTimes(2);
  });
});

describe("meaning_of", () => {
  it.each([200, 201])("takes %i with our own words for an arrival", async (status) => {
    expect((await meaning_of(taken(status))).what).toBe("taken");
  });

  it.each([
    ["a portal's page", new Response("<h1>Welcome</h1>", { headers: { "Content-Type": "text/html" } })],
    ["another's JSON", json(200, { ok: true })],
    ["broken JSON", new Response("{", { headers: { "Content-Type": "application/json" } })],
    ["a proxy's refusal", new Response("too large", { status: 413 })],
    ["another success", json(202, { taken: "report" })],
    ["a fault", json(500, { detail: "broke" })],
    ["too many", json(429, { detail: "too many" })],
    ["a time-out", json(408, { detail: "slow" })],
  ])("tries again after %s", async (_name, response) => {
    expect((await meaning_of(response)).what).toBe("later");
  });

  it.each([400, 403, 404, 409, 410, 413])("takes our %i for a refusal", async (status) => {
    expect(await meaning_of(refused(status))).toEqual({ what: "refused", reason: "No such report." });
  });
});

describe("wait_s", () => {
  it("doubles up to ten minutes, never in step", () => {
    expect([0, 1, 2, 20].map((rounds) => wait_s(rounds, 0, 1))).toEqual([5, 10, 20, 600]);
    expect(wait_s(2, 0, 0)).toBe(10);
  });

  it("waits as long as the server asks", () => expect(wait_s(0, 300, 1)).toBe(300));
});
