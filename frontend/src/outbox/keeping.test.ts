// @vitest-environment happy-dom
import "fake-indexeddb/auto";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import golden from "../../../fixtures/cases/sealed.json";
import { keep_sealed } from "./keeping";
import { NotKept } from "./outbox";
import { are_words } from "./receipt_words";
import * as store from "./store";

const JPEG = Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 1, 2, 3, 4);
const REPORT = {
  fields: { lat: "48.117266", lon: "-1.677793", kind: "camera", note: "  ", kept: "a token" },
  photos: [new Blob([JPEG]), new Blob([JPEG])],
};

beforeEach(() => {
  document.head.innerHTML = `<meta name="sealing-key" content="${golden.public_key}">`;
});
afterEach(store.delete_store);

/** All that a dump of the database shows, as text. */
async function dump(): Promise<string> {
  const reports = await store.waiting_reports();
  const envelopes = await Promise.all(reports.flatMap(({ id, parts }) =>
    parts.map(({ place }) => store.envelope_of(id, place))));
  const seen = envelopes.map((envelope) => Buffer.from(envelope!).toString("latin1"));
  return JSON.stringify(reports) + seen.join("");
}

describe("keep_sealed", () => {
  it("keeps a report and its photos, under ids of this phone", async () => {
    const { id, words } = await keep_sealed(REPORT);
    expect(are_words(words)).toBe(true);
    const [report] = await store.waiting_reports();
    expect(report!.id).toBe(id);
    const [said, ...photos] = report!.parts.map(({ path }) => path);
    expect(said).toBe(`/api/v1/sealed/sightings/${id}`);
    expect(photos).toHaveLength(2);
    for (const path of photos) expect(path).toMatch(RegExp(`^/api/v1/sealed/photos/[-0-9a-f]{36}\\?sighting=${id}$`));
    expect(new Set(photos).size).toBe(2);
  });

  it("leaves nothing that can be read", async () => {
    const { words } = await keep_sealed(REPORT);
    const seen = await dump();
    for (const secret of ["48.11", "1.67", "camera", "receipt_hash", "\xff\xd8\xff\xe0", ...words]) {
      expect(seen).not.toContain(secret);
    }
  });

  it("refuses what could not be mended later, and keeps none of it", async () => {
    const error = await keep_sealed({ ...REPORT, fields: { lat: "91", lon: "1" } }).catch((e) => e);
    expect(error).toBeInstanceOf(NotKept);
    expect(error).toMatchObject({ reason: "invalid" });
    expect(Object.keys(error.fields)).toEqual(["place"]);
    expect(await store.waiting_reports()).toEqual([]);
  });

  it("keeps one draft once", async () => {
    const id = crypto.randomUUID();
    await keep_sealed({ ...REPORT, id });
    await expect(keep_sealed({ ...REPORT, id })).rejects.toMatchObject({ reason: "twice" });
    expect(await store.waiting_reports()).toHaveLength(1);
  });

  it("is unable without the server's key", async () => {
    document.head.innerHTML = '<meta name="sealing-key" content="AAAA">';
    await expect(keep_sealed(REPORT)).rejects.toMatchObject({ reason: "unable" });
  });
});
