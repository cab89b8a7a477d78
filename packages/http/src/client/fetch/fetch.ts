import { ConnectionError, MalformedResponseError, RedirectError } from "../errors.ts";
import type { RequestOptions } from "../options.ts";
import type { RequestBody } from "../request/request-body.ts";
import type { ClientResponse } from "../response/response.ts";

/** The platform's `fetch`. */
export type Fetch = typeof globalThis.fetch;

type Send = (
  method: string,
  url: string | URL,
  options: RequestOptions,
  signal: AbortSignal | undefined,
) => Promise<ClientResponse>;

/** Headers that belong to the connection; the platform's `fetch` ignores what it is given for them. */
const ignored = ["connection", "keep-alive", "transfer-encoding", "upgrade", "expect"];

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

/** A fetch-compatible function on top of a session. */
export function makeFetch(send: Send): Fetch {
  return async (input, init) => {
    // Whose `Request` it is does not matter: Node's and undici's are different classes.
    const request = typeof input === "object" && "url" in input ? input : undefined;
    const method = init?.method ?? request?.method ?? "GET";
    const signal = init?.signal === undefined ? request?.signal : init.signal;
    const headers = new Headers(init?.headers ?? request?.headers);
    for (const name of ignored) headers.delete(name);
    const body = (init?.body === undefined ? request?.body : init.body) as RequestBody | null | undefined;
    const options: RequestOptions = {
      headers,
      raiseForStatus: false,
      ...(body === undefined ? {} : { body }),
      ...redirectsOf(init?.redirect ?? request?.redirect ?? "follow"),
    };
    try {
      const response = await send(method, request?.url ?? (input as string | URL), options, signal ?? undefined);
      return asResponse(response, method);
    } catch (error) {
      throw isNetworkFailure(error) ? new TypeError("fetch failed", { cause: error }) : error;
    }
  };
}

function redirectsOf(mode: Request["redirect"]): Pick<RequestOptions, "redirects"> {
  if (mode === "manual") return { redirects: false };
  return mode === "error" ? { redirects: 0 } : {};
}

function isNetworkFailure(error: unknown): boolean {
  return error instanceof ConnectionError || error instanceof MalformedResponseError || error instanceof RedirectError;
}

function asResponse(source: ClientResponse, method: string): Response {
  const bodiless = method === "HEAD" || withoutBody.has(source.status);
  const { status, statusText, headers } = source;
  const response = new Response(bodiless ? null : source.webStream(), { status, statusText, headers });
  Object.defineProperties(response, {
    url: { value: source.url },
    redirected: { value: source.history.length > 0 },
  });
  return response;
}
