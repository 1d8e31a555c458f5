/**
 * What waits on this phone, in IndexedDB: sealed envelopes, random ids, and why something was
 * refused. No time, no order, no content; what has arrived leaves nothing.
 */

import { deleteDB, openDB, type DBSchema, type IDBPDatabase } from "idb";

import { DATABASE } from "./database_name";
import { listen } from "./news";

export { DATABASE };

/** One upload of a report: the report itself comes first, its photos after it. */
export interface Part {
  readonly place: number;
  readonly path: string;
  /** Why the server will not have it; the envelope stays until the walker deletes it. */
  readonly refused?: string;
}

export interface WaitingReport {
  readonly id: string;
  readonly parts: readonly Part[];
}

export interface SealedPart {
  readonly path: string;
  readonly envelope: Uint8Array<ArrayBuffer>;
}

interface Outbox extends DBSchema {
  reports: { key: string; value: WaitingReport };
  envelopes: { key: [string, number]; value: Uint8Array<ArrayBuffer> };
}

let opened: Promise<IDBPDatabase<Outbox>> | undefined;
let is_erased = false;

/** All is being erased, here or in another tab: this page opens the database no more. */
listen((news) => {
  if (news.what !== "erased") return;
  is_erased = true;
  void close_store();
});

function database(): Promise<IDBPDatabase<Outbox>> {
  if (is_erased) return Promise.reject(new Error("Everything was erased; load the page again."));
  opened ??= openDB<Outbox>(DATABASE, 1, {
    upgrade(db) {
      db.createObjectStore("reports", { keyPath: "id" });
      db.createObjectStore("envelopes");
    },
    // Another tab deletes or upgrades it: let go at once.
    blocking: () => void close_store(),
    terminated: () => { opened = undefined; },
  });
  opened.catch(() => { opened = undefined; });
  return opened;
}

/** Let go of the database; the next use opens it again. */
export async function close_store(): Promise<void> {
  const open = opened;
  opened = undefined;
  (await open?.catch(() => undefined))?.close();
}

/** Keep a report whole or not at all; it is on the disk when this returns. */
export async function keep(id: string, sealed: readonly SealedPart[]): Promise<void> {
  const db = await database();
  const change = db.transaction(["reports", "envelopes"], "readwrite", { durability: "strict" });
  const parts = sealed.map(({ path }, place) => ({ place, path }));
  await Promise.all([
    change.objectStore("reports").add({ id, parts }),
    ...sealed.map(({ envelope }, place) => change.objectStore("envelopes").add(envelope, [id, place])),
    change.done,
  ]);
}

export async function waiting_reports(): Promise<WaitingReport[]> {
  if (is_erased) return [];
  return (await database()).getAll("reports");
}

export async function report_of(id: string): Promise<WaitingReport | undefined> {
  return (await database()).get("reports", id);
}

export async function envelope_of(
  id: string, place: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  return (await database()).get("envelopes", [id, place]);
}

/** Forget a part that has arrived, and the report with its last one; return whether it was. */
export async function forget_part(id: string, place: number): Promise<boolean> {
  return change_parts(id, (parts) => parts.filter((part) => part.place !== place));
}

/** Remember why a part was refused. */
export async function refuse_part(id: string, place: number, reason: string): Promise<void> {
  await change_parts(id, (parts) =>
    parts.map((part) => (part.place === place ? { ...part, refused: reason } : part)));
}

/** Let refused parts be sent again. */
export async function try_again(id: string): Promise<void> {
  await change_parts(id, (parts) => parts.map(({ place, path }) => ({ place, path })));
}

/** Delete a report with all that is left of it. */
export async function forget_report(id: string): Promise<void> {
  await change_parts(id, () => []);
}

async function change_parts(
  id: string, change: (parts: readonly Part[]) => readonly Part[],
): Promise<boolean> {
  const db = await database();
  const writing = db.transaction(["reports", "envelopes"], "readwrite", { durability: "strict" });
  const reports = writing.objectStore("reports");
  const report = await reports.get(id);
  const parts = report ? change(report.parts) : [];
  const gone = (report?.parts ?? []).filter(
    ({ place }) => !parts.some((part) => part.place === place),
  );
  await Promise.all([
    parts.length ? reports.put({ id, parts }) : reports.delete(id),
    ...gone.map(({ place }) => writing.objectStore("envelopes").delete([id, place])),
    writing.done,
  ]);
  return parts.length === 0;
}

/** Delete the whole database; other tabs let go of it by themselves. */
export async function delete_store(): Promise<void> {
  await close_store();
  await deleteDB(DATABASE);
}
