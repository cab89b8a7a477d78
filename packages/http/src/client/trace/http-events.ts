import { type Channel, channel, subscribe, unsubscribe } from "node:diagnostics_channel";
import type { RequestPhase } from "../errors.ts";

/** What all events have. */
interface Common {
  /** The call of `session.get()` or its like to which the event belongs; the same in all of its events. */
  readonly id: number;
  /** The method and the URL, without user name and password. */
  readonly request: string;
}

/**
 * What happens to a request, in this order; only the `end` of an answer that is not the last may come a little later
 * than the `redirect` or `retry` that follows from it. Durations are in milliseconds. Redirects and retries begin again
 * at `acquired`.
 */
export type HttpEvent = Common &
  (
    | { readonly type: "start" }
    /** It has a connection; `waited` is the time in the queue under the session's limits. */
    | { readonly type: "acquired"; readonly peer: string; readonly reused: boolean; readonly waited: number }
    /** The connection is there: name look-up, TCP and TLS are done. Not for one that is reused. */
    | { readonly type: "connected"; readonly peer: string; readonly elapsed: number }
    /** The last byte of the request has been written. */
    | { readonly type: "sent"; readonly elapsed: number }
    /** The head of the answer is there; `elapsed` is the time since the request was sent. */
    | { readonly type: "headers"; readonly status: number; readonly elapsed: number }
    | { readonly type: "redirect"; readonly status: number; readonly from: string; readonly to: string }
    /** It is sent again, for this `reason`, after a pause of `delay`. */
    | {
        readonly type: "retry";
        readonly attempt: number;
        readonly delay: number;
        readonly reason: unknown;
        readonly staleConnection: boolean;
      }
    /** The last byte of an answer is there, or no more of it was wanted; `bytes` as they came over the wire. */
    | { readonly type: "end"; readonly status: number; readonly bytes: number; readonly elapsed: number }
    /** It was cancelled in this phase. */
    | { readonly type: "cancelled"; readonly phase: RequestPhase; readonly elapsed: number }
    /** An attempt has failed. */
    | { readonly type: "error"; readonly phase: RequestPhase; readonly error: unknown; readonly elapsed: number }
  );

const types = [
  "start",
  "acquired",
  "connected",
  "sent",
  "headers",
  "redirect",
  "retry",
  "end",
  "cancelled",
  "error",
] as const satisfies readonly HttpEvent["type"][];

/** The channels of Node's `diagnostics_channel` on which events are published: `tsyncio:http:start` and so on. */
export const httpChannels: Readonly<Record<HttpEvent["type"], Channel>> = Object.fromEntries(
  types.map((type) => [type, channel(`tsyncio:http:${type}`)]),
) as Record<HttpEvent["type"], Channel>;

/** Publishes an event if somebody listens to its kind. */
export function publish<T extends HttpEvent["type"]>(
  type: T,
  make: () => Omit<Extract<HttpEvent, { type: T }>, "type">,
): void {
  const target = httpChannels[type];
  if (target.hasSubscribers) target.publish({ type, ...make() });
}

/**
 * Calls back for every event of every session of this process, until the returned function is called. The callback
 * runs in the context of whatever caused the event, synchronously: it should be quick, and an error that it throws is
 * an uncaught exception. Nothing is measured for nobody: without a subscriber, events cost next to nothing.
 *
 *     using _ = traceHttp((event) => {
 *       if (event.type === "headers") console.log(event.request, event.status, `${event.elapsed} ms`);
 *     });
 */
export function traceHttp(listener: (event: HttpEvent) => void): (() => void) & Disposable {
  const receive = (message: unknown): void => listener(message as HttpEvent);
  for (const type of types) subscribe(`tsyncio:http:${type}`, receive);
  const stop = (): void => {
    for (const type of types) unsubscribe(`tsyncio:http:${type}`, receive);
  };
  return Object.assign(stop, { [Symbol.dispose]: stop });
}
