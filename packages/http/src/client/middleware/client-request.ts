import type { Hop } from "../call/redirect.ts";
import { applyHeaders, type HeaderMap } from "../../shared/headers.ts";
import { checkMethod } from "../request/check-method.ts";
import { planBody, type BodyPlan, type RequestBody } from "../request/request-body.ts";
import { resolveTarget } from "../request/target.ts";

/** A request on its way through the middleware, which may change it. */
export interface ClientRequest {
  method: string;
  /** Absolute, with the query; without user name and password. */
  url: URL;
  /** All headers that are known by now: the session's and the request's. Cookies come later. */
  readonly headers: Headers;
  /** As it is sent: JSON and forms are strings or `URLSearchParams` by now. */
  body: RequestBody | null;
}

/** The request that a hop describes, for the middleware. */
export function requestOf(hop: Hop): ClientRequest {
  const headers = new Headers();
  for (const [name, values] of hop.headers) for (const value of values) headers.append(name, value);
  const { source, contentType } = hop.body;
  if (contentType !== undefined && source !== null && !headers.has("content-type")) {
    headers.set("content-type", contentType);
  }
  const request: ClientRequest = { method: hop.method, url: new URL(hop.url), headers, body: source };
  plans.set(request, hop.body);
  return request;
}

/** The plan of the body with which a request came, so that a stream is not sent twice unnoticed. */
const plans = new WeakMap<ClientRequest, BodyPlan>();

/** The hop that a request describes, which the middleware may have changed. */
export function hopOf(request: ClientRequest): Hop {
  const method = checkMethod(request.method);
  const { url, authorization } = resolveTarget(request.url, undefined, [], method);
  const headers: HeaderMap = new Map();
  if (authorization !== undefined) headers.set("authorization", [authorization]);
  applyHeaders(headers, request.headers, method);
  const plan = plans.get(request);
  const body = plan?.source === request.body ? plan : planBody({ body: request.body }, method);
  return { label: `${method} ${url.href}`, method, url, headers, body };
}
