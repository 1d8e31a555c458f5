/**
 * Keeps the walker's pages at hand without a network, and sends what waits when the network comes
 * back. Built by itself (`frontend/worker.config.ts`) to a stable address; `BUILD` and `FILES`
 * are that of the build beside it.
 *
 * In the cache: these pages as a stranger sees them, and the files they are made of. Never what
 * somebody said, a receipt, staff's pages or map tiles: those requests are not even looked at.
 */

import { all_at_hand, pages_of } from "./outbox/pages";
import { send_waiting } from "./outbox/sending";
import { solve_here } from "./outbox/solving";

/** `PREFIXES`: what the addresses of each language begin with; the server writes it above this. */
declare const self: ServiceWorkerGlobalScope & { readonly PREFIXES?: readonly string[] };
declare const BUILD: string;
declare const FILES: readonly string[];

const PREFIX = "contrechamp-";
const CACHE = PREFIX + BUILD;
const PAGES = pages_of(self.PREFIXES ?? [""]);

interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

self.addEventListener("install", (event) => event.waitUntil(fill()));
self.addEventListener("activate", (event) => event.waitUntil(drop_older()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname, search } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate" && PAGES.includes(pathname)) {
    event.respondWith(search ? from_network(request, pathname) : from_cache(event, pathname));
  } else if (FILES.includes(pathname)) {
    event.respondWith(from_cache_or_network(request));
  }
});

self.addEventListener("sync", ((event: SyncEvent) => {
  if (event.tag === "contrechamp-outbox") event.waitUntil(send_or_ask_again());
}) as EventListener);

async function fill(): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.addAll([...FILES, ...PAGES.map(as_stranger)]);
}

/** A page as somebody who is not signed in sees it, as it is now. */
function as_stranger(path: string): Request {
  return new Request(path, { credentials: "omit", cache: "reload" });
}

async function drop_older(): Promise<void> {
  for (const name of await caches.keys()) {
    if (name.startsWith(PREFIX) && name !== CACHE) await caches.delete(name);
  }
}

/** The page that is kept, at once; what the server has now is for the next time. */
async function from_cache(event: FetchEvent, path: string): Promise<Response> {
  const kept = await kept_at(path);
  if (!kept) return fetch(event.request);
  event.waitUntil(refresh(path).catch(() => undefined));
  return kept;
}

/** A page with something in its address is the server's to make; without it, the plain one. */
async function from_network(request: Request, path: string): Promise<Response> {
  try {
    return await fetch(request);
  } catch (error) {
    const kept = await kept_at(path);
    if (!kept) throw error;
    return kept;
  }
}

async function from_cache_or_network(request: Request): Promise<Response> {
  return (await kept_at(new URL(request.url).pathname)) ?? fetch(request);
}

/** What is kept; asking makes no cache where all was erased. */
async function kept_at(path: string): Promise<Response | undefined> {
  if (!(await caches.has(CACHE))) return undefined;
  return caches.match(path, { cacheName: CACHE, ignoreVary: true });
}

/** Take the page of now, unless it is of a newer build: then it comes with its own worker. */
async function refresh(path: string): Promise<void> {
  const response = await fetch(as_stranger(path));
  if (response.status !== 200 || response.redirected) return;
  if (!all_at_hand(await response.clone().text(), FILES)) return;
  if (await caches.has(CACHE)) await (await caches.open(CACHE)).put(path, response);
}

/** A rejection makes the browser ask again, later and later. */
async function send_or_ask_again(): Promise<void> {
  const { left } = await send_waiting(solve_here);
  if (left) throw new Error("something still waits");
}
