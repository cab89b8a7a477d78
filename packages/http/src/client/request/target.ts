import { redactUrl } from "../../shared/redact-url.ts";
import { describeValue } from "../../shared/describe-value.ts";
import { basic } from "./auth.ts";
import { mergeQueries, type QueryInput } from "./query.ts";

/** Where a request goes. Its URL has neither user name nor password. */
export interface Target {
  readonly url: URL;
  /** The value of an `authorization` header, if the URL had a user name or password. */
  readonly authorization: string | undefined;
}

/**
 * Resolves a URL against the session's base and adds query parameters.
 * @throws TypeError for what is no URL, or not one of HTTP.
 */
export function resolveTarget(
  input: string | URL,
  base: URL | undefined,
  queries: readonly (QueryInput | undefined)[],
  what: string,
): Target {
  const url = parse(input, base, what);
  for (const [name, values] of mergeQueries(queries)) for (const value of values) url.searchParams.append(name, value);
  if (url.hash !== "") url.hash = "";
  const authorization = takeUserInfo(url);
  return { url, authorization };
}

/** Host and port of a URL. */
export function peerOf(url: URL): string {
  return url.port === "" ? `${url.hostname}:${url.protocol === "https:" ? 443 : 80}` : url.host;
}

function parse(input: string | URL, base: URL | undefined, what: string): URL {
  if (typeof input !== "string" && !(input instanceof URL)) {
    throw new TypeError(`${what}: expected a URL, got ${describeValue(input)}`);
  }
  const url = URL.parse(String(input), base?.href);
  if (url === null) {
    const hint = base === undefined ? "give an absolute one, or the session a baseUrl" : "it does not fit the baseUrl";
    throw new TypeError(`${what}: ${JSON.stringify(redactUrl(input))} is not a valid URL: ${hint}`);
  }
  if (url.protocol === "http:" || url.protocol === "https:") return url;
  throw new TypeError(`${what}: expected a URL that begins with http: or https:, got ${redactUrl(url)}`);
}

/** Takes user name and password out of a URL; returns them as the value of an `authorization` header. */
export function takeUserInfo(url: URL): string | undefined {
  const { username, password } = url;
  if (username === "" && password === "") return undefined;
  url.username = "";
  url.password = "";
  return basic(decode(username), decode(password));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
