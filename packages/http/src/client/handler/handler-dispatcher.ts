import { createTask, detached, type Task } from "tsyncio";
import { Dispatcher, FormData as UndiciFormData } from "undici";
import { HandlerExchange, type RequestHandler } from "./handler-exchange.ts";

/**
 * Carries requests to a function instead of a socket. Each runs in a task of its own, in the long-lived scope, as on a
 * server; a request that is cancelled cancels that task and aborts the handler's `request.signal`. What the handler
 * throws is what the request fails with, so that a test shows it.
 */
export class HandlerDispatcher extends Dispatcher {
  private readonly handler: RequestHandler;

  constructor(handler: RequestHandler) {
    super();
    this.handler = handler;
  }

  override dispatch(options: Dispatcher.DispatchOptions, events: Dispatcher.DispatchHandler): boolean {
    const exchange = new HandlerExchange(events);
    if (!exchange.start()) return true;
    const task: Task<void> = detached(() =>
      createTask(() => exchange.run(requestOf(options, exchange.signal), this.handler)),
    );
    exchange.stopWith((reason) => task.cancel(reason));
    task.addDoneCallback(() =>
      exchange.fail(task.cancelled() ? new Error("the handler was cancelled") : task.exception()),
    );
    return true;
  }
}

function requestOf(options: Dispatcher.DispatchOptions, signal: AbortSignal): Request {
  const headers = new Headers();
  const flat = options.headers as readonly string[];
  for (let i = 0; i + 1 < flat.length; i += 2) headers.append(flat[i] as string, flat[i + 1] as string);
  const body = bodyOf(options.body);
  return new Request(new URL(options.path, String(options.origin)), {
    method: options.method,
    headers,
    signal,
    ...(body === null ? {} : { body, duplex: "half" }),
  });
}

function bodyOf(body: Dispatcher.DispatchOptions["body"]): NonNullable<RequestInit["body"]> | null {
  if (body === null || body === undefined || typeof body === "string") return body ?? null;
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>;
  if (body instanceof UndiciFormData) {
    const form = new FormData();
    for (const [name, value] of body) form.append(name, value);
    return form;
  }
  return ReadableStream.from(asBytes(body as unknown as AsyncIterable<string | Uint8Array>));
}

async function* asBytes(chunks: AsyncIterable<string | Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
}
