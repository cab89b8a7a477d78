import type { buildConnector } from "undici";
import { checkKeys } from "../../shared/check.ts";
import { describeValue } from "../../shared/describe-value.ts";
import { applyHeaders, flattenHeaders, type HeaderMap, type HeadersInput } from "../../shared/headers.ts";
import { redactUrl } from "../../shared/redact-url.ts";
import { takeUserInfo } from "../request/target.ts";
import { NoProxyList } from "./no-proxy.ts";
import type { TlsOptions } from "./tls-options.ts";

/** A proxy, and what to use it for. */
export interface ProxyOptions {
  /** Where it is: `http:` or `https:`, with user name and password if it wants them. */
  readonly url: string | URL;
  /** Headers for the proxy alone. */
  readonly headers?: HeadersInput;
  /**
   * Whether `http:` requests go through a tunnel (`CONNECT`), too, as `https:` ones always do. False: the proxy gets
   * them to read and pass on, which some proxies insist on. Default: true.
   */
  readonly tunnel?: boolean;
  /** Hosts that are reached directly, as in the environment variable `NO_PROXY`. */
  readonly noProxy?: string | readonly string[];
  /** TLS to an `https:` proxy itself. */
  readonly tls?: TlsOptions;
}

/** One proxy, ready for use. */
export interface Proxy {
  readonly address: buildConnector.Options;
  /** Its host and port, for messages. */
  readonly peer: string;
  /** Name and value in turn; also the credentials. */
  readonly headers: readonly string[];
  tunnels(protocol: string): boolean;
}

/** Which proxy is for which origin. */
export interface ProxyRules {
  readonly tls: TlsOptions | undefined;
  proxyFor(origin: string): Proxy | null;
}

const proxyKeys = ["url", "headers", "tunnel", "noProxy", "tls"] as const satisfies readonly (keyof ProxyOptions)[];

/**
 * The rules that a session's `proxy` option describes; null if there is no proxy.
 * @throws TypeError for what is no proxy.
 */
export function readProxy(
  input: string | URL | ProxyOptions | false | undefined,
  what: string,
  environment: NodeJS.ProcessEnv = process.env,
): ProxyRules | null {
  if (input === undefined || input === false) return null;
  if (input === "environment") return rulesOfEnvironment(environment);
  const options: ProxyOptions = typeof input === "string" || input instanceof URL ? { url: input } : input;
  checkKeys(options, proxyKeys, what);
  const proxy = proxyAt(options, what);
  const exceptions = new NoProxyList(options.noProxy ?? []);
  return { tls: options.tls, proxyFor: (origin) => (exceptions.covers(origin) ? null : proxy) };
}

/**
 * The lower-case variables go before the upper-case ones. `HTTP_PROXY` is not read in a CGI program, where it is the
 * client's `Proxy:` header ("httpoxy").
 */
function rulesOfEnvironment(environment: NodeJS.ProcessEnv): ProxyRules {
  const read = (name: string): string | undefined => {
    const upper = name === "http_proxy" && environment["REQUEST_METHOD"] !== undefined ? "" : name.toUpperCase();
    return [environment[name], environment[upper]].find((value) => value !== undefined && value !== "");
  };
  const make = (name: string): Proxy | null => {
    const value = read(name) ?? read("all_proxy");
    if (value === undefined) return null;
    return proxyAt({ url: value.includes("://") ? value : `http://${value}` }, `the environment variable ${name}`);
  };
  const exceptions = new NoProxyList(read("no_proxy") ?? []);
  const [http, https] = [make("http_proxy"), make("https_proxy")];
  return {
    tls: undefined,
    proxyFor: (origin) => (exceptions.covers(origin) ? null : origin.startsWith("https:") ? https : http),
  };
}

function proxyAt(options: ProxyOptions, what: string): Proxy {
  const { url: input, tunnel = true } = options;
  const given: unknown = input;
  if (!(given instanceof URL) && (typeof given !== "string" || !URL.canParse(given))) {
    const shown = typeof given === "string" ? JSON.stringify(redactUrl(given)) : describeValue(given);
    throw new TypeError(`${what}: expected the URL of a proxy such as "http://proxy.example:3128", got ${shown}`);
  }
  const url = new URL(given);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw new TypeError(`${what}: expected a proxy whose URL begins with http: or https:, got ${redactUrl(url)}`);
  }
  const headers: HeaderMap = new Map();
  const authorization = takeUserInfo(url);
  if (authorization !== undefined) headers.set("proxy-authorization", [authorization]);
  applyHeaders(headers, options.headers, what);
  const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
  return {
    address: { protocol: url.protocol, hostname: withoutBrackets(url.hostname), host: url.host, port },
    peer: `${url.hostname}:${port}`,
    headers: flattenHeaders(headers),
    tunnels: (protocol) => tunnel || protocol === "https:",
  };
}

function withoutBrackets(hostname: string): string {
  return hostname.startsWith("[") ? hostname.slice(1, -1) : hostname;
}
