import type { IncomingMessage } from "node:http";
import { interruptible } from "tsyncio";
import type { RequestHead } from "./request-head.ts";

/** What a request asks of the one who runs its handler. */
interface RequestHost {
  readonly abortSignal: AbortSignal;
}

/**
 * The platform's `Request`, made of Node's. It is a real one: frameworks pass requests to `new Request(request)` and
 * to `fetch(request)`, which look behind the public members, so a look-alike would not do. (That costs about a
 * microsecond; srvx's and @hono/node-server's imitations save it, and either break there or replace the global class.)
 */
export class IncomingRequest extends Request {
  static {
    // It aborts when the handler is cancelled, with the reason, and is made when somebody looks at it.
    Object.defineProperty(this.prototype, "signal", {
      get(this: IncomingRequest) {
        return this.host.abortSignal;
      },
    });
    // A read of the whole body is a wait of the scope that reads, and is cancelled with it.
    for (const name of ["arrayBuffer", "blob", "bytes", "formData", "json", "text"] as const) {
      const read: () => Promise<unknown> = Request.prototype[name];
      Object.defineProperty(this.prototype, name, {
        value(this: IncomingRequest) {
          return interruptible(read.call(this));
        },
      });
    }
  }
  private readonly host: RequestHost;

  constructor(incoming: IncomingMessage, url: string, body: ReadableStream | null, host: RequestHost) {
    const method = incoming.method as string;
    if (body !== null) super(url, { method, body, duplex: "half" });
    else if (method === "GET") super(url);
    else super(url, { method });
    this.host = host;
    const { headers } = this;
    const { rawHeaders } = incoming;
    for (let index = 0; index < rawHeaders.length; index += 2) {
      headers.append(rawHeaders[index] as string, rawHeaders[index + 1] as string);
    }
  }
}

/** Whether a request's body reaches its handler: the platform's `Request` has none for these methods. */
export function carriesBody(method: string, head: RequestHead): boolean {
  return head.hasBody && method !== "GET" && method !== "HEAD";
}
