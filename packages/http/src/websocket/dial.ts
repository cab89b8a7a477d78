import { suspend } from "tsyncio";
import { WebSocket } from "ws";
import { ConnectionError, ConnectTimeoutError, type FailureDetails } from "../client/errors.ts";
import { inPlainContext } from "../shared/plain-context.ts";
import { Timer } from "../shared/timer.ts";
import type { TlsOptions } from "../client/connect/tls-options.ts";
import { WebSocketConnection } from "./connection.ts";
import { WebSocketHandshakeError } from "./errors.ts";
import type { WebSocketSettings } from "./options.ts";

/** Everything that is decided before a connection is opened. */
export interface DialPlan {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly protocols: readonly string[];
  readonly tls: TlsOptions;
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
    const socket = inPlainContext(
      () =>
        new WebSocket(url, [...plan.protocols], {
          ...(plan.tls as object),
          headers: plan.headers,
          perMessageDeflate: settings.compression,
          maxPayload: Math.min(settings.maxMessageSize, Number.MAX_SAFE_INTEGER),
          followRedirects: false,
        }),
    );
    const giveUp = (error: Error): void => {
      timer.clear();
      wait.reject(error);
      socket.terminate();
    };
    socket.on("error", (error) => giveUp(new ConnectionError(details, error)));
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
    return () => {
      timer.clear();
      socket.terminate();
    };
  });
}
