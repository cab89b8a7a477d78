import type { Fetch } from "./fetch.ts";
import { ClientSession } from "../session.ts";

let session: ClientSession | undefined;

/**
 * One request, as with the platform's `fetch`; cancelled at once with the scope that calls it. All such calls of a
 * process share one session with the default limits and timeouts, and without cookies: the callers may have nothing to
 * do with each other. Its idle connections do not keep the process alive.
 *
 *     const response = await timeout("5s", () => fetch("https://example.com/"));
 */
export const fetch: Fetch = (input, init) => {
  session ??= new ClientSession({ cookies: false });
  return session.fetch(input, init);
};
