import { cancelScope } from "tsyncio";
import { describeValue } from "../../shared/describe-value.ts";
import type { Lifetime } from "../call/lifetime.ts";
import { ClientResponse } from "../response/response.ts";
import { responseOf } from "../response/made-response.ts";
import type { ClientRequest } from "./client-request.ts";

/** Sends the request on: to the next middleware, and after the last one to the server. May be called again. */
export type Next = (request: ClientRequest) => Promise<ClientResponse>;

/**
 * A function around every call of a session: it may change the request, send it (once, several times, not at all) and
 * change what comes back. A web `Response` that it returns, made up or from a cache, is taken for an answer.
 * Redirects and retries happen inside `next`; `raiseForStatus` outside. It is cancelled with the call, and its time
 * counts for the total timeout.
 *
 *     const session = new ClientSession({
 *       middleware: [
 *         async (request, next) => {
 *           request.headers.set("authorization", `Bearer ${await token()}`);
 *           const response = await next(request);
 *           if (response.status !== 401) return response;
 *           await response.close();
 *           request.headers.set("authorization", `Bearer ${await freshToken()}`);
 *           return next(request);
 *         },
 *       ],
 *     });
 */
export type Middleware = (
  request: ClientRequest,
  next: Next,
) => ClientResponse | Response | PromiseLike<ClientResponse | Response>;

/** @throws TypeError unless it is a list of functions. */
export function checkMiddleware(input: unknown, what: string): readonly Middleware[] {
  if (input === undefined) return [];
  const list: unknown[] = Array.isArray(input) ? input : [input];
  const wrong = list.find((one) => typeof one !== "function");
  if (wrong === undefined) return list as Middleware[];
  throw new TypeError(`${what}: middleware: expected functions (request, next), got ${describeValue(wrong)}`);
}

/** Sends a request through the middleware, the first one outermost, for as long as the lifetime lasts. */
export async function throughMiddleware(
  chain: readonly Middleware[],
  request: ClientRequest,
  lifetime: Lifetime,
  send: Next,
): Promise<ClientResponse> {
  const enter = async (index: number, current: ClientRequest): Promise<ClientResponse> => {
    const middleware = chain[index];
    if (middleware === undefined) return send(current);
    const answer: unknown = await middleware(current, (changed) => enter(index + 1, changed));
    if (answer instanceof ClientResponse) return answer;
    if (answer instanceof Response)
      return responseOf(answer, `${current.method} ${current.url.href}`, current.url.href);
    throw new TypeError(`middleware: expected a response to be returned, got ${describeValue(answer)}`);
  };
  try {
    const response = await cancelScope((scope) => {
      lifetime.stopWith((reason) => void scope.cancel(reason));
      return enter(0, request);
    });
    if (lifetime.failure !== null) throw lifetime.failure;
    return response as ClientResponse;
  } finally {
    lifetime.end();
  }
}
