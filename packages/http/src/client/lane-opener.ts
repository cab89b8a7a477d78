import { toMilliseconds } from "tsyncio";
import type { Dispatcher } from "undici";
import { checkCount } from "../shared/check.ts";
import { describeValue } from "../shared/describe-value.ts";
import { BorrowedLane } from "./connect/borrowed-lane.ts";
import { Connection } from "./connect/connection.ts";
import { sessionConnector } from "./connect/connector.ts";
import { readProxy } from "./connect/proxy-rules.ts";
import { HandlerDispatcher } from "./handler/handler-dispatcher.ts";
import type { SessionOptions } from "./options.ts";
import type { Lane, LaneEvents } from "./pool/lane.ts";

/** How to open one more lane to an origin: a connection, or a place in what the user brought instead. */
export function laneOpener(options: SessionOptions, what: string): (origin: string, events: LaneEvents) => Lane {
  const carrier = carrierOf(options, what);
  if (carrier !== null) return (origin, events) => new BorrowedLane(origin, carrier, events);
  const { tls, socketPath, localAddress, lookup } = options;
  const proxies = readProxy(options.proxy, `${what}: proxy`);
  if (proxies !== null && socketPath !== undefined) {
    throw new TypeError(`${what}: a socketPath leads to one server directly; expected it or a proxy, got both`);
  }
  const settings = {
    connect: sessionConnector(tls, { socketPath, localAddress, lookup }, proxies, what),
    proxies,
    keepAlive: toMilliseconds(options.keepAlive ?? "4s", `${what}: keepAlive`),
    maxRequests: checkCount(options.maxRequestsPerConnection ?? Infinity, 1, `${what}: maxRequestsPerConnection`),
    maxAge: toMilliseconds(options.maxConnectionAge ?? Infinity, `${what}: maxConnectionAge`),
  };
  return (origin, events) => new Connection(origin, settings, events);
}

/** What carries requests instead of connections of the session's own; null if nothing does. */
function carrierOf(options: SessionOptions, what: string): Dispatcher | null {
  const { dispatcher, handler } = options;
  if (dispatcher === undefined && handler === undefined) return null;
  const useless = (["proxy", "tls", "socketPath", "localAddress", "lookup", "keepAlive"] as const).filter((key) => {
    return options[key] !== undefined && options[key] !== false;
  });
  const name = handler === undefined ? "dispatcher" : "handler";
  if (handler !== undefined && dispatcher !== undefined) useless.push("dispatcher" as never);
  if (useless.length > 0) {
    throw new TypeError(`${what}: ${useless.join(" and ")} would have no effect: the ${name} carries all requests`);
  }
  if (handler !== undefined) {
    if (typeof handler === "function") return new HandlerDispatcher(handler);
    throw new TypeError(`${what}: handler: expected a function (request) => Response, got ${describeValue(handler)}`);
  }
  if (typeof dispatcher?.dispatch === "function") return dispatcher;
  throw new TypeError(`${what}: dispatcher: expected a Dispatcher of undici, got ${describeValue(dispatcher)}`);
}
