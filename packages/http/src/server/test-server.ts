import { ClientSession } from "../client/session.ts";
import type { ServeOptions } from "./options.ts";
import type { Handler } from "./request-context.ts";
import { type App, start } from "./serve.ts";
import { Server } from "./server.ts";

/** A server for one test, with a client for it. */
export class TestServer extends Server {
  /** Sends requests to this server: `server.session.get("/path")`. */
  readonly session: ClientSession;

  /** @internal */
  constructor(...[url, port, life]: ConstructorParameters<typeof Server>) {
    super(url, port, life);
    this.session = new ClientSession({ baseUrl: url });
  }

  /** As of a server, and closes the session first. */
  override async close(options?: Parameters<Server["close"]>[0]): Promise<void> {
    await this.session.close();
    await super.close(options);
  }
}

/**
 * Serves a handler on a free port of loopback, over real sockets, with a session that is bound to it. It does not drain
 * when it is closed: what still runs is cancelled.
 *
 *     await using server = await testServer(() => Response.json({ hello: "world" }));
 *     const response = await server.session.get("/");
 *     assert.deepEqual(await response.json(), { hello: "world" });
 */
export async function testServer(handler: Handler | App, options: ServeOptions = {}): Promise<TestServer> {
  const address = options.path === undefined ? { hostname: "127.0.0.1", port: 0 } : {};
  const { url, port, life } = await start(handler, { drain: "0s", ...address, ...options });
  return new TestServer(url, port, life);
}
