import { createTask, detached, Future } from "tsyncio";
import { describeValue } from "../shared/describe-value.ts";
import { createListener, listen } from "./listener.ts";
import { readServeOptions, type ServeOptions } from "./options.ts";
import type { Handler } from "./request-context.ts";
import { ServerLife } from "./server-life.ts";
import { Server } from "./server.ts";

/**
 * Listens, and answers each request with what a web-standard handler returns for it: a function `(request, context) =>
 * Response`, or an object whose `fetch` is one, such as a Hono app. Resolves when the server listens.
 *
 *     await run(async () => {
 *       await using server = await serve(() => new Response("hello"), { port: 8080 });
 *       console.log(server.url);
 *       await server.closed;
 *     }, { drain: "20s" });
 *
 * Each request is a task in a scope of the server's own, not of whoever opened it. When the client leaves, it is cancelled
 * with `ClientDisconnected`: its waits reject, `request.signal` aborts, the source of a streamed body is cancelled. What
 * must be finished all the same goes into `shield` or `context.background`. A client that closes its sending side has
 * left. (A request whose body is not read is held back, and then its client's leaving is noticed when somebody reads or
 * answers.) A handler that throws is answered for with 500 if nothing was sent, and otherwise its connection is cut; the
 * error goes to `onError`. Nothing that a client or a handler does ends the process.
 *
 * The server installs no signal handlers: `run` owns the signals. Cancelling the caller while it waits closes the server.
 * @throws an Error with the system's `code` (`EADDRINUSE`…) when it cannot listen; TypeError for wrong options.
 */
export async function serve(handler: Handler | App, options: ServeOptions = {}): Promise<Server> {
  const { url, port, life } = await start(handler, options);
  return new Server(url, port, life);
}

/** What has a handler as its `fetch`: a Hono app, for one. */
export interface App {
  readonly fetch: Handler;
}

/** Starts a server, and resolves when it listens. */
export async function start(
  handler: Handler | App,
  options: ServeOptions,
): Promise<{ readonly url: string; readonly port: number; readonly life: ServerLife }> {
  const settings = readServeOptions(options);
  const answer = readHandler(handler);
  const node = createListener(options, settings);
  const life = new ServerLife(answer, settings, node, options.tls !== undefined);
  const ready = new Future<{ url: string; port: number }>({ name: "listening" });
  const listening = async (): Promise<void> => {
    ready.setResult(await listen(node, options));
  };
  const task = detached(() => createTask(() => life.run(listening), { name: "server" }));
  task.addDoneCallback(() => {
    if (ready.done()) return;
    if (task.cancelled()) ready.cancel("the run has ended");
    else ready.setException(task.exception());
  });
  try {
    return { ...(await ready), life };
  } catch (error) {
    task.cancel(error);
    throw error;
  }
}

function readHandler(handler: Handler | App): Handler {
  if (typeof handler === "function") return handler;
  if (typeof handler === "object" && handler !== null && typeof handler.fetch === "function") {
    return (request, context, executionContext) => handler.fetch(request, context, executionContext);
  }
  throw new TypeError(
    `serve: expected a function (request) => Response, or an app with fetch, got ${describeValue(handler)}`,
  );
}
