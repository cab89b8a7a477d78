import type { IncomingMessage } from "node:http";
import { WebSocketServer } from "ws";
import { WebSocketConnection } from "./connection.ts";
import { WebSocketHandshakeError } from "./errors.ts";
import { readWebSocketOptions, type WebSocketOptions } from "./options.ts";

/** Options of `context.upgrade`. */
export interface AcceptOptions extends WebSocketOptions {
  /** The subprotocols that the server speaks, best first; the first that the client offers too is agreed on. */
  readonly protocols?: readonly string[];
  /** Fields for the answer to the handshake, such as cookies. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Answers a WebSocket handshake.
 * @param rest What came behind the head of the request; null if the request asks for no upgrade.
 * @throws WebSocketHandshakeError when the request is no handshake.
 */
export function accept(
  incoming: IncomingMessage,
  rest: Buffer | null,
  options: AcceptOptions,
  headers?: Headers,
): WebSocketConnection {
  const settings = readWebSocketOptions(options, ["protocols", "headers"], "upgrade");
  const added = new Headers(options.headers);
  checkHandshake(incoming, rest);
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: Math.min(settings.maxMessageSize, Number.MAX_SAFE_INTEGER),
    perMessageDeflate: settings.compression,
    handleProtocols: (offered) => options.protocols?.find((protocol) => offered.has(protocol)) ?? false,
  });
  server.on("headers", (fields) => {
    for (const [name, value] of added) fields.push(`${name}: ${value}`);
    for (const [name, value] of headers ?? []) if (!owned.has(name)) fields.push(`${name}: ${value}`);
  });
  let connection: WebSocketConnection | undefined;
  server.handleUpgrade(incoming, incoming.socket, rest, (socket) => {
    connection = new WebSocketConnection(socket, settings);
  });
  if (connection === undefined) throw new WebSocketHandshakeError("upgrade: the handshake was refused", 400);
  return connection;
}

/** Fields that belong to a body or to the handshake itself. */
const owned: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "content-type",
  "sec-websocket-accept",
  "transfer-encoding",
  "upgrade",
]);

function checkHandshake(incoming: IncomingMessage, rest: Buffer | null): asserts rest is Buffer {
  const { headers, method } = incoming;
  if (rest === null || headers.upgrade?.toLowerCase() !== "websocket") {
    throw new WebSocketHandshakeError("upgrade: the request does not ask for a WebSocket", 426);
  }
  const key = headers["sec-websocket-key"];
  const bodiless = Number(headers["content-length"] ?? 0) === 0 && headers["transfer-encoding"] === undefined;
  const sound = method === "GET" && bodiless && key !== undefined && /^[+/0-9A-Za-z]{22}==$/.test(key);
  if (!sound) throw new WebSocketHandshakeError("upgrade: the handshake is malformed", 400);
  if (headers["sec-websocket-version"] === "13") return;
  throw new WebSocketHandshakeError("upgrade: expected version 13 of the protocol", 426);
}

/** The status that tells a client that its handshake was none; null for any other failure. */
export function refusalOf(failure: unknown): number | null {
  return failure instanceof WebSocketHandshakeError ? failure.status : null;
}
