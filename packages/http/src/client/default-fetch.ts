import type { Fetch } from "./fetch.ts";
import { ClientSession } from "./session.ts";

let session: ClientSession | undefined;

/**
 * One request, as with the platform's `fetch`; cancelled at once with the scope that calls it. All such calls of a
 * process share one session with the default limits and timeouts. Its idle connections do not keep the process alive.
 */
export const fetch: Fetch = (input, init) => {
  session ??= new ClientSession();
  return session.fetch(input, init);
};
