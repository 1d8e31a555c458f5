/** Erases all that this site keeps on this phone, and looks whether it is gone. */

import { deleteDB } from "idb";

import { announce } from "./news";
import { delete_store } from "./store";

/** Erase; return what is left all the same, by kind, so that nobody is told what is not true. */
export async function erase_all(): Promise<string[]> {
  // Other tabs and the worker stop sending and let go of what they hold.
  announce({ what: "erased" });
  await delete_store();
  // The worker first: it may no more put a page into a cache that is being deleted.
  for (const registration of await registrations()) {
    await installed(registration.installing);
    await registration.unregister();
  }
  for (const name of await cache_names()) await caches.delete(name);
  for (const name of await database_names()) await deleteDB(name);
  for (const storage of storages()) storage.clear();
  await forget_fetched();
  return what_is_left();
}

/** Wait until a worker has done what it does at its beginning: filling a cache. */
async function installed(worker: ServiceWorker | null): Promise<void> {
  while (worker?.state === "installing") {
    await new Promise((resolve) => worker.addEventListener("statechange", resolve, { once: true }));
  }
}

/** What the browser keeps of what it fetched itself; map tiles near the walker are among it. */
async function forget_fetched(): Promise<void> {
  await fetch("/report/erased", { method: "POST", cache: "no-store" }).catch(() => undefined);
}

async function what_is_left(): Promise<string[]> {
  const found: [string, number][] = [
    ["worker", (await registrations()).length],
    ["caches", (await cache_names()).length],
    ["databases", (await database_names()).length],
    ["storage", storages().reduce((sum, storage) => sum + storage.length, 0)],
  ];
  return found.filter(([, count]) => count > 0).map(([name]) => name);
}

async function registrations(): Promise<readonly ServiceWorkerRegistration[]> {
  return (await navigator.serviceWorker?.getRegistrations()) ?? [];
}

async function cache_names(): Promise<string[]> {
  return "caches" in globalThis ? caches.keys() : [];
}

async function database_names(): Promise<string[]> {
  const found = (await indexedDB.databases?.()) ?? [];
  return found.map(({ name }) => name).filter((name) => name !== undefined);
}

function storages(): Storage[] {
  try {
    return [localStorage, sessionStorage];
  } catch {
    // Forbidden here: then there is nothing in them.
    return [];
  }
}
