import { once } from "node:events";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createSecureServer, type ServerOptions } from "node:https";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { text } from "node:stream/consumers";
import { serverCertificate, serverKey } from "./certificates.ts";

/** A server on loopback that knows its sockets. */
export interface TestServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Open now. */
  readonly sockets: ReadonlySet<Socket>;
  /** The most that were open at once. */
  readonly peak: number;
  /** How many there have been. */
  readonly accepted: number;
  /** Resolves when no socket is open (any more). */
  allClosed(): Promise<void>;
  /** Resolves when this many sockets have been accepted since the beginning. */
  acceptedAtLeast(count: number): Promise<void>;
}

/** An HTTP server. */
export function serveHttp(listener: RequestListener): Promise<TestServer> {
  const server = createServer(listener);
  server.keepAliveTimeout = 60_000;
  return watch(server);
}

/** An HTTPS server, with the certificate of the tests unless the options say otherwise. */
export function serveHttps(listener: RequestListener, options: ServerOptions = {}): Promise<TestServer> {
  return watch(createSecureServer({ cert: serverCertificate, key: serverKey, ...options }, listener));
}

/** What a server tells of a request. */
export interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** A request as JSON, for {@link Echo}; waits for its body. */
export async function echo(request: IncomingMessage): Promise<string> {
  const { method, url, headers } = request;
  return JSON.stringify({ method, url, headers, body: await text(request) });
}

/** A server that speaks what the test makes it speak. */
export function serveRaw(onSocket: (socket: Socket) => void): Promise<TestServer> {
  return watch(createTcpServer({ allowHalfOpen: false }, onSocket));
}

/** A proxy that knows what it was asked. */
export interface ProxyServer extends TestServer {
  /** The first lines and headers of the requests that came. */
  readonly seen: string[];
}

/** A proxy that makes tunnels, or answers with `refusal`. */
export async function serveProxy(refusal?: string): Promise<ProxyServer> {
  const seen: string[] = [];
  const server = await serveRaw((socket) => {
    socket.once("data", (data) => {
      const head = data.toString("latin1");
      seen.push(head);
      if (refusal !== undefined) {
        socket.end(refusal);
        return;
      }
      const [, host = "", port = ""] = /^CONNECT (.+):(\d+) HTTP/.exec(head) ?? [];
      const target = connect(Number(port), host.endsWith(".test") ? "127.0.0.1" : host, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(target).pipe(socket);
      });
      target.on("error", () => socket.destroy());
      socket.on("close", () => target.destroy());
    });
  });
  return Object.assign(server, { seen });
}

async function watch(server: Server): Promise<TestServer> {
  const sockets = new Set<Socket>();
  const seen = { peak: 0, accepted: 0 };
  server.on("connection", (socket) => {
    sockets.add(socket);
    seen.accepted += 1;
    seen.peak = Math.max(seen.peak, sockets.size);
    socket.on("error", () => {});
    socket.on("close", () => {
      sockets.delete(socket);
      server.emit("socketClosed");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    sockets,
    get peak() {
      return seen.peak;
    },
    get accepted() {
      return seen.accepted;
    },
    async allClosed() {
      while (sockets.size > 0) await once(server, "socketClosed");
    },
    async acceptedAtLeast(count) {
      while (seen.accepted < count) await once(server, "connection");
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** A promise and the function that keeps it. */
export function signal<T = void>(): { readonly promise: Promise<T>; readonly give: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, give: resolve };
}
