import { createServer, type IncomingMessage, type Server as HttpServer, type ServerOptions } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { unlink } from "node:fs/promises";
import { type AddressInfo, connect, type ListenOptions, Server as NetServer } from "node:net";
import { inPlainContext } from "../shared/plain-context.ts";
import type { ServeOptions, ServerSettings } from "./options.ts";

/** Makes Node's server, with time limits for whoever sends slowly. */
export function createListener(options: ServeOptions, settings: ServerSettings): HttpServer {
  const { headersTimeout, requestTimeout, keepAliveTimeout } = settings;
  const shortest = Math.min(headersTimeout, requestTimeout);
  const limits: ServerOptions & { readonly shouldUpgradeCallback: (incoming: IncomingMessage) => boolean } = {
    // For Node, zero means no limit.
    headersTimeout: nodeLimit(headersTimeout),
    requestTimeout: nodeLimit(requestTimeout),
    keepAliveTimeout: nodeLimit(keepAliveTimeout),
    connectionsCheckingInterval: Math.min(Math.max(shortest / 4, 20), 5_000),
    requireHostHeader: false,
    noDelay: true,
    // Other upgrades than WebSockets are not offered: their requests are ordinary ones.
    shouldUpgradeCallback: (incoming) => incoming.headers.upgrade?.toLowerCase() === "websocket",
  };
  const server = options.tls === undefined ? createServer(limits) : createSecureServer({ ...options.tls, ...limits });
  // Node would drop fields beyond its number without a word; the server counts them itself.
  server.maxHeadersCount = 0;
  return server;
}

function nodeLimit(limit: number): number {
  return limit === Infinity ? 0 : Math.max(1, Math.ceil(limit));
}

/** Listens, and tells the server's URL and port. @throws an Error with the system's `code` when that is impossible. */
export async function listen(server: HttpServer, options: ServeOptions): Promise<{ url: string; port: number }> {
  const { path } = options;
  if (path !== undefined) {
    try {
      await listenOn(server, { path });
    } catch (error) {
      if (!isInUse(error) || !(await isAbandoned(path))) throw explain(error, path);
      await unlink(path);
      await listenOn(server, { path });
    }
    return { url: `unix:${path}`, port: 0 };
  }
  const { port = 3000, hostname, reusePort } = options;
  try {
    await listenOn(server, {
      port,
      ...(hostname === undefined ? {} : { host: hostname }),
      ...(reusePort === undefined ? {} : { reusePort }),
    });
  } catch (error) {
    throw explain(error, `${hostname ?? "port"}${hostname === undefined ? " " : ":"}${port}`);
  }
  const address = server.address() as AddressInfo;
  const host = hostname === undefined || /^(0\.0\.0\.0|::)$/.test(hostname) ? "localhost" : hostname;
  const shown = host.includes(":") ? `[${host}]` : host;
  return { url: `${options.tls === undefined ? "http" : "https"}://${shown}:${address.port}`, port: address.port };
}

function listenOn(server: HttpServer, target: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    const listening = (): void => {
      server.off("error", reject);
      resolve();
    };
    // All that happens on the connections happens in the async context of this call.
    inPlainContext(() => server.listen(target, listening));
  });
}

function isInUse(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "EADDRINUSE";
}

/** Whether nobody answers on a Unix socket: the process that made it is dead. */
function isAbandoned(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(path);
    probe.once("connect", () => {
      probe.destroy();
      resolve(false);
    });
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}

function explain(error: unknown, where: string): Error {
  const { code, message } = error as NodeJS.ErrnoException;
  const known: Readonly<Record<string, string>> = {
    EADDRINUSE: "somebody listens there already",
    EACCES: "the system does not allow it (ports below 1024 need a privilege)",
    EADDRNOTAVAIL: "it is no address of this machine",
    ENOTFOUND: "there is no host of that name",
  };
  const problem = new Error(`serve: cannot listen on ${where}: ${known[code ?? ""] ?? message}`, { cause: error });
  return Object.assign(problem, { code });
}

/** Takes no more connections, and leaves those that are open alone. (Node's own `close` cuts the idle ones at once.) */
export function stopListening(server: HttpServer): void {
  NetServer.prototype.close.call(server);
}

/** Ends what is left of a server that has stopped listening. */
export function endListener(server: HttpServer): void {
  server.closeAllConnections();
  // Its timer ends with the close, which was only half of one.
  server.close(() => {});
}
