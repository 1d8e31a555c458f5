import "fake-indexeddb/auto";
import { afterEach, describe, expect, it } from "vitest";

import * as store from "./store";

const PARTS = [
  { path: "/report", envelope: Uint8Array.of(1, 2) },
  { path: "/photo", envelope: Uint8Array.of(3) },
];

afterEach(store.delete_store);

describe("the store", () => {
  it("keeps a report whole, and no id twice", async () => {
    await store.keep("a", PARTS);
    await expect(store.keep("a", PARTS)).rejects.toThrow();
    expect(await store.waiting_reports()).toEqual([
      { id: "a", parts: [{ place: 0, path: "/report" }, { place: 1, path: "/photo" }] },
    ]);
    expect(await store.envelope_of("a", 1)).toEqual(Uint8Array.of(3));
  });

  it("keeps what it kept when it is opened again", async () => {
    await store.keep("a", PARTS);
    await store.close_store();
    expect(await store.waiting_reports()).toHaveLength(1);
  });

  it("leaves nothing of what has arrived", async () => {
    await store.keep("a", PARTS);
    await store.keep("b", PARTS);
    expect(await store.forget_part("a", 0)).toBe(false);
    expect(await store.envelope_of("a", 0)).toBeUndefined();
    expect(await store.forget_part("a", 1)).toBe(true);
    expect(await store.report_of("a")).toBeUndefined();
    expect((await store.waiting_reports()).map(({ id }) => id)).toEqual(["b"]);
    expect(await store.forget_part("a", 1)).toBe(true);
  });

  it("remembers why a part was refused until it is tried again or deleted", async () => {
    await store.keep("a", PARTS);
    await store.refuse_part("a", 1, "too dark");
    expect((await store.report_of("a"))!.parts[1]).toEqual(
      { place: 1, path: "/photo", refused: "too dark" },
    );
    await store.try_again("a");
    expect((await store.report_of("a"))!.parts[1]).toEqual({ place: 1, path: "/photo" });
    await store.forget_report("a");
    expect(await store.waiting_reports()).toEqual([]);
    expect(await store.envelope_of("a", 1)).toBeUndefined();
  });

  it("is gone after it was deleted", async () => {
    await store.keep("a", PARTS);
    await store.delete_store();
    expect((await indexedDB.databases()).map(({ name }) => name)).not.toContain(store.DATABASE);
  });
});
