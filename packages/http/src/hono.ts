/** WebSockets for Hono, through its own helper. */
import { defineWebSocketHelper, createWSMessageEvent, type UpgradeWebSocket, WSContext, type WSEvents } from "hono/ws";
import type { RequestContext } from "./server/request-context.ts";
import type { AcceptOptions } from "./websocket/accept.ts";
import type { WebSocketConnection } from "./websocket/connection.ts";

/**
 * Hono's `upgradeWebSocket` for apps that run on `serve`. The handlers are called one after the other, and a promise that
 * `onMessage` returns is awaited before the next message, so a slow handler holds its client back. `ws.raw` is the
 * {@link WebSocketConnection}, whose `send` can be awaited; Hono's own `ws.send` cannot.
 *
 *     app.get("/ws", upgradeWebSocket(() => ({ onMessage: (event, ws) => ws.send(`you said ${event.data}`) })));
 *
 * The options are those of `context.upgrade`.
 */
export const upgradeWebSocket: UpgradeWebSocket<WebSocketConnection, AcceptOptions> = defineWebSocketHelper<
  WebSocketConnection,
  AcceptOptions
>((c, events, options) => {
  if (c.req.header("upgrade")?.toLowerCase() !== "websocket") return;
  const context = c.env as Partial<RequestContext> | undefined;
  if (typeof context?.upgrade !== "function") {
    throw new TypeError("upgradeWebSocket: the app does not run on serve of @tsyncio/http, or not with its context");
  }
  return context.upgrade((socket) => drive(socket, events, c.req.url), options ?? {});
});

async function drive(socket: WebSocketConnection, events: WSEvents<WebSocketConnection>, url: string): Promise<void> {
  const ws = new WSContext<WebSocketConnection>({
    raw: socket,
    url,
    protocol: socket.protocol,
    get readyState() {
      return socket.closing === null ? 1 : 3;
    },
    // Whoever sends on a connection that is closed learns it from onClose.
    send: (data) => void socket.send(data).catch(() => {}),
    close: (code, reason) => void socket.close(code, reason),
  });
  try {
    await call(events.onOpen, new globalThis.Event("open"), ws);
    for await (const message of socket) await call(events.onMessage, createWSMessageEvent(dataOf(message)), ws);
  } catch (error) {
    await call(events.onError, Object.assign(new globalThis.Event("error"), { error }), ws);
    throw error;
  } finally {
    const { code, reason } = socket.closing ?? { code: 1011, reason: "" };
    await call(events.onClose, new CloseEvent("close", { code, reason, wasClean: code !== 1006 }), ws);
  }
}

/** Hono's types say that its handlers return nothing; many are async. */
async function call<E>(
  handler: ((event: E, ws: WSContext<WebSocketConnection>) => unknown) | undefined,
  event: E,
  ws: WSContext<WebSocketConnection>,
): Promise<void> {
  await handler?.(event, ws);
}

function dataOf(message: string | Uint8Array<ArrayBuffer>): string | ArrayBuffer {
  if (typeof message === "string") return message;
  return message.buffer.slice(message.byteOffset, message.byteOffset + message.byteLength);
}
