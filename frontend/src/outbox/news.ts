/** What happens in the outbox, told to every page of this site that is open, and to the worker. */

export type News =
  | { readonly what: "changed" }
  | { readonly what: "sending"; readonly id: string }
  /** A part has arrived; `removed` names what was found in a photo's file. */
  | { readonly what: "taken"; readonly id: string; readonly removed: readonly string[] }
  | { readonly what: "sent"; readonly id: string }
  /** A round is over and something is left: it is tried again later. */
  | { readonly what: "resting" }
  /** Everything is being erased: stop. */
  | { readonly what: "erased" };

const CHANNEL = "contrechamp-outbox";
/** By report, what was found in its photos; in memory only. */
const found = new Map<string, readonly string[]>();
const listeners = new Set<(news: News) => void>();
let channel: BroadcastChannel | undefined;

function open(): BroadcastChannel {
  if (channel === undefined) {
    channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = (event: MessageEvent<News>) => tell(event.data);
  }
  return channel;
}

function tell(news: News): void {
  if (news.what === "taken") found.set(news.id, [...removed_of(news.id), ...news.removed]);
  for (const listener of listeners) listener(news);
}

/** Tell everyone; a channel does not speak to the page that owns it, so that is done here. */
export function announce(news: News): void {
  open().postMessage(news);
  tell(news);
}

/** Listen until the returned function is called. */
export function listen(listener: (news: News) => void): () => void {
  open();
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Remember what the phone itself took out of a report's photos. */
export function remember_removed(id: string, names: readonly string[]): void {
  found.set(id, [...removed_of(id), ...names]);
}

/** What was found in the files of a report's photos, by those that arrived while this page is open. */
export function removed_of(id: string): readonly string[] {
  return [...new Set(found.get(id))];
}
