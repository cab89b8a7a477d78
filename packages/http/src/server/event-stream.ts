import { after, type Duration, Queue, QueueShutDown, type Run, select, type Task, toMilliseconds } from "tsyncio";
import { checkKeys } from "../shared/check.ts";
import { describeValue } from "../shared/describe-value.ts";

/** One server-sent event. */
export interface OutgoingEvent {
  /** A string is sent as it is, line by line; anything else as JSON. */
  readonly data: unknown;
  /** The event's type; the browser's default is `message`. */
  readonly event?: string;
  /** What the client sends as `last-event-id` when it comes again. */
  readonly id?: string;
  /** How long the client waits until it comes again, in milliseconds. */
  readonly retry?: number;
}

/** Options of `context.events`. */
export interface OutgoingEventsOptions {
  /**
   * A comment is sent when there was no event for this long, so that proxies keep the connection, and a client that has
   * gone is noticed. Default: `"15s"`.
   */
  readonly heartbeat?: Duration;
  /** More fields for the response. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** What an event stream needs of its request. */
interface Surroundings {
  readonly shuttingDown: Run["stopping"];
  createTask<T>(fn: () => T | PromiseLike<T>, options?: { readonly name?: string }): Task<T>;
}

const encoder = new TextEncoder();

/** The response whose body is the events of `source`. */
export function eventStream(
  source: AsyncIterable<OutgoingEvent | string> | Iterable<OutgoingEvent | string>,
  options: OutgoingEventsOptions,
  surroundings: Surroundings,
): Response {
  checkKeys(options, ["heartbeat", "headers"], "events");
  const heartbeat = toMilliseconds(options.heartbeat ?? "15s", "events: heartbeat");
  const headers = new Headers(options.headers);
  headers.set("content-type", "text/event-stream");
  if (!headers.has("cache-control")) headers.set("cache-control", "no-store");
  // nginx would hold the events back to send them in larger pieces.
  headers.set("x-accel-buffering", "no");
  return new Response(ReadableStream.from(encode(source, heartbeat, surroundings)), { headers });
}

/**
 * The source runs in a child task of the request, one event ahead of the client: so it can be left although it waits, at
 * shutdown, and is cancelled with the request when the client leaves.
 */
async function* encode(
  source: AsyncIterable<OutgoingEvent | string> | Iterable<OutgoingEvent | string>,
  heartbeat: number,
  surroundings: Surroundings,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const events = new Queue<OutgoingEvent | string>(1);
  const produce = async (): Promise<void> => {
    try {
      for await (const event of source) await events.put(event);
      events.shutdown();
    } catch (error) {
      events.shutdown({ error });
    }
  };
  const producer = surroundings.createTask(produce, { name: "events" });
  try {
    for (;;) {
      const next = await select({ event: events, stop: surroundings.shuttingDown, beat: after(heartbeat) });
      if (next.key === "stop") return;
      yield encoder.encode(next.key === "event" ? formatEvent(next.value) : ":\n\n");
    }
  } catch (error) {
    if (!(error instanceof QueueShutDown)) throw error;
  } finally {
    producer.cancel("the event stream has ended");
  }
}

/** @throws TypeError for what would break out of its field. */
function formatEvent(input: OutgoingEvent | string): string {
  const event = typeof input === "string" ? { data: input } : input;
  if (typeof event !== "object" || event === null) {
    throw new TypeError(`events: expected a string or an object with data, got ${describeValue(event)}`);
  }
  const { data, retry } = event;
  let text = "";
  for (const name of ["event", "id"] as const) {
    const value = event[name];
    if (value === undefined) continue;
    if (/[\r\n\0]/.test(value)) throw new TypeError(`events: ${name} holds a line break: ${describeValue(value)}`);
    text += `${name}: ${value}\n`;
  }
  if (retry !== undefined) text += `retry: ${Math.round(retry)}\n`;
  const lines = (typeof data === "string" ? data : JSON.stringify(data ?? null)).split(/\r\n|\r|\n/);
  return `${text}${lines.map((line) => `data: ${line}\n`).join("")}\n`;
}
