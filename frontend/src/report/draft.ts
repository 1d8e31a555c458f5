/**
 * The report that is being made, kept so that a camera app which throws the page out of memory
 * costs nothing. Sealed by a key that lives only as long as this tab: what is left of it after
 * the tab is closed can't be read. Gone once the report is sent.
 */

import { is_begun_in_tab, KEY } from "./draft_key";

const DATABASE = "contrechamp-draft";
const STORE = "draft";
const IV_BYTES = 12;

export interface Draft {
  readonly step: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly has_captured: boolean;
}

/** Whether this browser can keep a draft; without a secure context (onion) there is no sealing. */
function can_keep(): boolean {
  return "indexedDB" in window && globalThis.crypto?.subtle !== undefined;
}

export async function keep_draft(draft: Draft): Promise<void> {
  await keep("fields", new TextEncoder().encode(JSON.stringify(draft)));
}

/** Keep the photos of each file field, in the order given. */
export async function keep_draft_photos(photos: readonly (readonly File[])[]): Promise<void> {
  const rows = photos.flatMap((files, field) => files.map((file) => ({ file, field })));
  const head = rows.map(({ file, field }) => ({
    field, name: file.name, type: file.type, size: file.size, lastModified: file.lastModified,
  }));
  const words = new TextEncoder().encode(JSON.stringify(head));
  const size = new Uint8Array(new Uint32Array([words.length]).buffer);
  const whole = new Blob([size, words, ...rows.map(({ file }) => file)]);
  await keep("photos", new Uint8Array(await whole.arrayBuffer()));
}

export async function kept_draft(): Promise<Draft | null> {
  const bytes = await kept("fields");
  return bytes ? (JSON.parse(new TextDecoder().decode(bytes)) as Draft) : null;
}

export async function kept_draft_photos(): Promise<File[][]> {
  const bytes = await kept("photos");
  if (!bytes) return [];
  const [size] = new Uint32Array(bytes.slice(0, 4));
  const head = JSON.parse(new TextDecoder().decode(bytes.slice(4, 4 + size!))) as {
    field: number; name: string; type: string; size: number; lastModified: number;
  }[];
  const photos: File[][] = [];
  let from = 4 + size!;
  for (const { field, name, size: length, ...rest } of head) {
    (photos[field] ??= []).push(new File([bytes.slice(from, from + length)], name, rest));
    from += length;
  }
  return photos;
}

export async function forget_draft(): Promise<void> {
  try {
    sessionStorage.removeItem(KEY);
    if ("indexedDB" in window) await done(indexedDB.deleteDatabase(DATABASE));
  } catch {
    // Nothing was kept.
  }
}

async function keep(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  if (!can_keep()) return;
  try {
    const iv = crypto.getRandomValues(new Uint8Array(IV_BYTES));
    const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, await key_of_tab(), bytes);
    await in_store("readwrite", (store) => store.put({ iv, sealed }, name));
  } catch {
    // Storage is full or forbidden: the report goes on without a net.
  }
}

async function kept(name: string): Promise<ArrayBuffer | null> {
  if (!can_keep() || !is_begun_in_tab()) return null;
  try {
    const row = (await in_store("readonly", (store) => store.get(name))) as
      { iv: BufferSource; sealed: BufferSource } | undefined;
    if (!row) return null;
    return await crypto.subtle.decrypt({ name: "AES-GCM", iv: row.iv }, await key_of_tab(), row.sealed);
  } catch {
    // Of another tab, or damaged.
    return null;
  }
}

async function key_of_tab(): Promise<CryptoKey> {
  const known = sessionStorage.getItem(KEY);
  const raw = known
    ? Uint8Array.from(known.split(","), Number)
    : crypto.getRandomValues(new Uint8Array(32));
  if (!known) sessionStorage.setItem(KEY, raw.join(","));
  return crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);
}

async function in_store(
  mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest,
): Promise<unknown> {
  const opening = indexedDB.open(DATABASE, 1);
  opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
  const database = await done(opening);
  try {
    return await done(act(database.transaction(STORE, mode).objectStore(STORE)));
  } finally {
    database.close();
  }
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error("IndexedDB failed"));
  });
}
