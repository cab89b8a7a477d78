import { request } from "node:http";
import type { Socket } from "node:net";
import type { buildConnector } from "undici";
import type { Connect } from "./connect.ts";
import { ProxyFailure } from "./proxy-failure.ts";
import type { Proxy } from "./proxy-rules.ts";

/**
 * Connects through a proxy that passes bytes on: connect to it, ask for the target with `CONNECT`, and speak with the
 * target as if connected directly.
 *
 *     socket to the proxy ──CONNECT──▶ 2xx ──(https:) TLS over it──▶ the target
 *            └──────────────────┴─────── anything else ──▶ ProxyFailure
 *
 * Returns the socket to the proxy at once; destroying that ends all three steps.
 */
export function tunnelTo(
  target: buildConnector.Options,
  proxy: Proxy,
  toProxy: Connect,
  direct: Connect,
  callback: buildConnector.Callback,
): Socket {
  return toProxy(proxy.address, (failure, socket) => {
    if (failure !== null) {
      callback(new ProxyFailure(`the proxy ${proxy.peer} cannot be reached: ${failure.message}`, failure), null);
      return;
    }
    askFor(target, proxy, socket, (refusal) => {
      if (refusal !== null) {
        socket.destroy();
        callback(refusal, null);
      } else if (target.protocol === "https:") direct({ ...target, httpSocket: socket }, callback);
      else callback(null, socket);
    });
  });
}

function askFor(
  target: buildConnector.Options,
  proxy: Proxy,
  socket: Socket,
  answered: (refusal: ProxyFailure | null) => void,
): void {
  const port = target.port === "" ? (target.protocol === "https:" ? "443" : "80") : target.port;
  const host = target.hostname.includes(":") ? `[${target.hostname}]` : target.hostname;
  const authority = `${host}:${port}`;
  const headers = ["host", authority, "connection", "keep-alive", ...proxy.headers];
  const connect = request({ method: "CONNECT", path: authority, headers, createConnection: () => socket });
  connect.on("connect", (response, _, head) => {
    const { statusCode = 0, statusMessage = "" } = response;
    if (statusCode >= 300) {
      const answer = `${statusCode} ${statusMessage}`.trim();
      answered(new ProxyFailure(`the proxy ${proxy.peer} refused the connection: ${answer}`, undefined, statusCode));
      return;
    }
    if (head.length > 0) socket.unshift(head);
    answered(null);
  });
  connect.on("error", (error) => {
    answered(new ProxyFailure(`the proxy ${proxy.peer} broke off: ${error.message}`, error));
  });
  connect.end();
}
