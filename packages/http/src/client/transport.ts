import { toMilliseconds } from "tsyncio";
import type { Dispatcher } from "undici";
import { checkCount } from "../shared/check.ts";
import { describeValue } from "../shared/describe-value.ts";
import { BorrowedLane } from "./connect/borrowed-lane.ts";
import type { Connect } from "./connect/connect.ts";
import { Connection } from "./connect/connection.ts";
import { sessionConnectors } from "./connect/connector.ts";
import { readProxy } from "./connect/proxy-rules.ts";
import { HandlerDispatcher } from "./handler/handler-dispatcher.ts";
import type { SessionOptions } from "./options.ts";
import type { Lane, LaneEvents } from "./pool/lane.ts";

/** How a session reaches its servers. */
export interface Transport {
  /** Opens one more lane to an origin: a connection, or a place in what the user brought instead. */
  readonly openLane: (origin: string, events: LaneEvents) => Lane;
  /**
   * What connects sockets for WebSockets, as the lanes' own are connected.
   * @throws TypeError if what the user brought carries the requests: it has no sockets to give away.
   */
  readonly socketConnector: () => Connect;
}

/** @throws TypeError, RangeError for options that make no sense. */
export function transportOf(options: SessionOptions, what: string): Transport {
  const carrier = carrierOf(options, what);
  if (carrier !== null) return borrowed(carrier, options.handler === undefined ? "dispatcher" : "handler");
  const { tls, socketPath, localAddress, lookup } = options;
  const proxies = readProxy(options.proxy, `${what}: proxy`);
  if (proxies !== null && socketPath !== undefined) {
    throw new TypeError(`${what}: a socketPath leads to one server directly; expected it or a proxy, got both`);
  }
  const { forRequests, forStreams } = sessionConnectors(tls, { socketPath, localAddress, lookup }, proxies, what);
  const settings = {
    connect: forRequests,
    proxies,
    keepAlive: toMilliseconds(options.keepAlive ?? "4s", `${what}: keepAlive`),
    maxRequests: checkCount(options.maxRequestsPerConnection ?? Infinity, 1, `${what}: maxRequestsPerConnection`),
    maxAge: toMilliseconds(options.maxConnectionAge ?? Infinity, `${what}: maxConnectionAge`),
  };
  return {
    openLane: (origin, events) => new Connection(origin, settings, events),
    socketConnector: () => forStreams,
  };
}

function borrowed(carrier: Dispatcher, name: string): Transport {
  return {
    openLane: (origin, events) => new BorrowedLane(origin, carrier, events),
    socketConnector: () => {
      const problem = `the ${name} of this session carries all its requests without one: use another session`;
      throw new TypeError(`ws: a WebSocket needs a connection, and ${problem}`);
    },
  };
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
