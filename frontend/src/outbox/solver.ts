/** The worker beside a page: it gets one challenge, and answers with what it found. */

import { solve_here } from "./solving";

self.onmessage = (event: MessageEvent): void => {
  void solve_here(event.data).catch(() => null).then((solved) => self.postMessage(solved));
};
