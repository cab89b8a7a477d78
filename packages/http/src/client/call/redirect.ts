import { RedirectError } from "../errors.ts";
import { type HeaderMap } from "../../shared/headers.ts";
import { emptyBody, type BodyPlan } from "../request/request-body.ts";
import { redactUrl } from "../../shared/redact-url.ts";

/** One request of a chain of redirects. */
export interface Hop {
  /** For messages: method and URL. */
  readonly label: string;
  readonly method: string;
  /** Without user name and password. */
  readonly url: URL;
  readonly headers: HeaderMap;
  readonly body: BodyPlan;
}

const redirectStatuses: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** What describes a body, and goes with it. */
const ofBody = ["content-type", "content-length", "content-encoding", "content-language", "content-location"];

/** Whether a status sends the client elsewhere. */
export function isRedirect(status: number): boolean {
  return redirectStatuses.has(status);
}

/**
 * The request that follows from a redirect.
 *
 * After 303, and after 301 and 302 for a POST, it is a GET without a body, as all clients do; otherwise method and
 * body stay. Headers that hold a secret are dropped when the origin changes, and not taken up again if it changes back.
 * @throws RedirectError when it leads to something that is not HTTP, or the body cannot be sent again.
 */
export function followRedirect(
  hop: Hop,
  status: number,
  location: string,
  secret: readonly string[],
  visited: readonly string[],
): Hop {
  const from = hop.label;
  if (!URL.canParse(location, hop.url.href)) {
    throw new RedirectError(`${from}: the redirect leads to an invalid URL: ${redactUrl(location)}`, visited);
  }
  const url = new URL(location, hop.url.href);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new RedirectError(`${from}: the redirect leads away from HTTP: ${redactUrl(url)}`, visited);
  }
  // User info in a redirect would be the server's choice of who the caller is.
  url.username = "";
  url.password = "";
  url.hash = "";
  const headers: HeaderMap = new Map(hop.headers);
  if (url.origin !== hop.url.origin) for (const name of secret) headers.delete(name);
  const { method } = hop;
  const becomesGet = status === 303 ? method !== "GET" && method !== "HEAD" : status < 303 && method === "POST";
  if (becomesGet) {
    for (const name of ofBody) headers.delete(name);
    return { label: `GET ${url.href}`, method: "GET", url, headers, body: emptyBody };
  }
  if (hop.body.replayable) return { ...hop, label: `${method} ${url.href}`, url, headers };
  throw new RedirectError(
    `${from}: the redirect (${status}) needs the body again, but a stream can be sent only once: ` +
      "pass a function that makes it",
    visited,
  );
}
