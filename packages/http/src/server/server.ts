import { type Duration, type Event, shield, toMilliseconds } from "tsyncio";
import type { ServerLife, ServerStatistics } from "./server-life.ts";

/**
 * A server that listens, made by `serve`. It belongs to the run in which it was made: when that is cancelled, or its main
 * ends, the server ends too. A soft stop of the run (`run(main, { drain })` and a signal) shuts it down in order.
 */
export class Server implements AsyncDisposable {
  /** Where it can be reached, without a slash at the end; `unix:PATH` on a Unix socket. */
  readonly url: string;
  /** The port; 0 on a Unix socket. */
  readonly port: number;
  private readonly life: ServerLife;

  /** @internal */
  constructor(url: string, port: number, life: ServerLife) {
    this.url = url;
    this.port = port;
    this.life = life;
  }

  /** Resolves when the server has ended, for whatever reason: `await server.closed` serves until then. */
  get closed(): PromiseLike<void> {
    return this.life.closed;
  }

  /** Set when the server begins to shut down. */
  get shuttingDown(): Pick<Event, "isSet" | "wait"> {
    return this.life.shuttingDown;
  }

  /** What it has to do at the moment. */
  statistics(): ServerStatistics {
    return this.life.statistics();
  }

  /**
   * Shuts down, and waits until everything has ended. In this order: it stops listening; replies that are under way close
   * their connections, idle connections are closed; `shuttingDown` is set, server-sent events end and WebSockets are
   * closed with 1001; requests may go on for `drain`; then they are cancelled with `ServerShutdown`; what has not ended
   * after `grace` has its socket cut; background tasks are cancelled and awaited, for `grace` too. The waiting is
   * shielded from cancellation; called again, it waits for the same end.
   *
   * Called by one of the server's own requests or background tasks, it only begins: the end waits for them.
   * @param options `drain` instead of the server's, `"0s"` for none.
   */
  async close(options: { readonly drain?: Duration } = {}): Promise<void> {
    const { drain } = options;
    this.life.stop(drain === undefined ? undefined : toMilliseconds(drain, "close: drain"));
    if (this.life.isInside()) return;
    await shield(this.life.closed, { grace: Infinity });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
