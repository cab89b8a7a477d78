import type { Socket } from "node:net";
import { suspend } from "tsyncio";
import { WebSocket } from "ws";
import { explainFailure } from "../client/call/explain-failure.ts";
import type { Connect } from "../client/connect/connect.ts";
import { ConnectTimeoutError, type FailureDetails } from "../client/errors.ts";
import { inPlainContext } from "../shared/plain-context.ts";
import { Timer } from "../shared/timer.ts";
import { WebSocketConnection } from "./connection.ts";
import { WebSocketHandshakeError } from "./errors.ts";
import type { WebSocketSettings } from "./options.ts";

/** Everything that is decided before a connection is opened. */
export interface DialPlan {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly protocols: readonly string[];
  readonly connect: Connect;
  /** How long connecting and the handshake may take, in milliseconds. */
  readonly timeout: number;
  readonly settings: WebSocketSettings;
  /** Told of the `set-cookie` fields of the server's answer, whatever that is. */
  readonly answered: (cookies: readonly string[] | undefined) => void;
}

/**
 * Opens a WebSocket and waits for the handshake. A cancellation of the caller ends it at once, in each phase, and leaves no
 * socket behind.
 */
export function dial(plan: DialPlan): Promise<WebSocketConnection> {
  const { url, settings } = plan;
  const details: FailureDetails = { request: `WebSocket ${url.href}`, phase: "connect", peer: url.host };
  return suspend<WebSocketConnection>(details.request, (wait) => {
    const timer = new Timer();
    // From before it is connected, so that it can be given up at any time.
    let raw: Socket | undefined;
    const createConnection = (_: unknown, created: (error: Error | null, socket?: Socket) => void): void => {
      raw = plan.connect(addressOf(url), (error, connected) => created(error, connected ?? undefined));
    };
    const socket = inPlainContext(
      () =>
        new WebSocket(url, [...plan.protocols], {
          createConnection: createConnection as never,
          headers: plan.headers,
          perMessageDeflate: settings.compression,
          maxPayload: Math.min(settings.maxMessageSize, Number.MAX_SAFE_INTEGER),
          followRedirects: false,
        }),
    );
    const cut = (): void => {
      timer.clear();
      socket.terminate();
      raw?.destroy();
    };
    const giveUp = (error: Error): void => {
      wait.reject(error);
      cut();
    };
    socket.on("error", (error) => giveUp(explainFailure(error, details)));
    socket.on("upgrade", (response) => plan.answered(response.headers["set-cookie"]));
    socket.on("unexpected-response", (_, response) => {
      const { statusCode = 0, headers } = response;
      plan.answered(headers["set-cookie"]);
      giveUp(new WebSocketHandshakeError(`${details.request}: the server answered ${statusCode}`, statusCode));
    });
    socket.on("open", () => {
      timer.clear();
      const connection = new WebSocketConnection(socket, settings);
      if (!wait.resolve(connection)) connection.terminate();
    });
    timer.set(plan.timeout, (elapsed) => giveUp(new ConnectTimeoutError(elapsed, details)));
    return cut;
  });
}

/** Where a connector is to lead. */
function addressOf(url: URL): Parameters<Connect>[0] {
  const { protocol, host, hostname, port } = url;
  const secure = protocol === "wss:";
  return {
    protocol: secure ? "https:" : "http:",
    host,
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: port === "" ? (secure ? "443" : "80") : port,
  };
}
