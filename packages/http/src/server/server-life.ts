import type { IncomingMessage, Server as HttpServer, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import {
  currentRun,
  currentTask,
  Event,
  Future,
  moveOnAfter,
  select,
  shield,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
  type TaskOptions,
  throwIfCancelled,
} from "tsyncio";
import { guarded } from "../shared/guarded.ts";
import { inPlainContext } from "../shared/plain-context.ts";
import { ActiveRequest, type Arrival } from "./active-request.ts";
import { ClientConnection } from "./client-connection.ts";
import { ServerShutdown } from "./errors.ts";
import { endListener, stopListening } from "./listener.ts";
import type { ServerSettings } from "./options.ts";
import type { Handler } from "./request-context.ts";
import { readHead } from "./request-head.ts";
import type { RequestUnderWay, ServerCore } from "./server-core.ts";
import { Tally } from "./tally.ts";

/** How much a server has to do at the moment. */
export interface ServerStatistics {
  /** Connections that are open, idle ones included. */
  readonly connections: number;
  /** Requests that are not over, WebSockets included. */
  readonly requests: number;
}

/**
 * How long idle connections stay open once the server has stopped listening, in milliseconds: a request that is on its way
 * to one is answered, with `connection: close`, instead of lost.
 */
const lastRequests = 100;

/**
 * The life of a server, as a task of the run in which it was made: one task tree, so nothing outlives it.
 *
 *     serving ──close(), soft stop──▶ draining ──all done, or drain over──▶ ending ──▶ closed
 *        └──────────cancelled───────────────────────────────────────────────▲
 *
 * A soft stop is `currentRun().stopping`. The run's second signal cancels the run, and so jumps to `ending`; the third
 * ends the process.
 */
export class ServerLife implements ServerCore {
  readonly handler: Handler;
  readonly settings: ServerSettings;
  readonly secure: boolean;
  readonly requests: Tally = new Tally("the requests under way");
  readonly active: Set<RequestUnderWay> = new Set();
  readonly shuttingDown: Event = new Event();
  readonly closed: Future<void> = new Future({ name: "the server's end" });
  stopping = false;
  group!: TaskGroup;
  private readonly node: HttpServer;
  private readonly connections: Map<Socket, ClientConnection> = new Map();
  private readonly connectionsLeft: Tally = new Tally("the connections to close");
  /** What TLS is still being negotiated on, too. */
  private readonly rawSockets: Set<Socket> = new Set();
  private readonly work: Set<Task<unknown>> = new Set();
  private readonly workLeft: Tally = new Tally("the background tasks");
  private readonly stopAsked: Event = new Event();
  private drain: number;

  constructor(handler: Handler, settings: ServerSettings, node: HttpServer, secure: boolean) {
    this.handler = handler;
    this.settings = settings;
    this.node = node;
    this.secure = secure;
    this.drain = settings.drain;
    inPlainContext(() => this.listenTo(node));
  }

  statistics(): ServerStatistics {
    return { connections: this.connections.size, requests: this.active.size };
  }

  /** Whether the caller runs in one of the server's own tasks, for which its end would have to wait. */
  isInside(): boolean {
    const task = currentTask();
    return task !== undefined && this.group.tasks.has(task);
  }

  /** Begins to shut down. */
  stop(drain?: number): void {
    if (drain !== undefined) this.drain = drain;
    this.stopAsked.set();
  }

  /** From listening to the end; the body of the server's task. */
  async run(listening: () => Promise<void>): Promise<void> {
    try {
      await taskGroup(
        async (group) => {
          this.group = group;
          await listening();
          try {
            await select({ asked: this.stopAsked, stopping: currentRun().stopping });
            await this.drainRequests();
          } finally {
            await shield(() => this.end(), { grace: Infinity });
          }
        },
        { name: "server", onError: "continue" },
      );
    } finally {
      if (!this.closed.done()) this.closed.setResult();
    }
  }

  private listenTo(node: HttpServer): void {
    const connected = (socket: Socket): void => {
      this.connectionsLeft.add();
      const connection = new ClientConnection(socket, () => {
        this.connections.delete(socket);
        this.connectionsLeft.remove();
      });
      this.connections.set(socket, connection);
    };
    node.on("connection", (socket: Socket) => {
      this.rawSockets.add(socket);
      socket.once("close", () => this.rawSockets.delete(socket));
    });
    node.on(this.secure ? "secureConnection" : "connection", connected);
    node.on("request", (incoming: IncomingMessage, outgoing: ServerResponse) => this.arrived({ incoming, outgoing }));
    node.on("checkContinue", (incoming: IncomingMessage, outgoing: ServerResponse) =>
      this.arrived({ incoming, outgoing, expects: "100-continue" }),
    );
    node.on("checkExpectation", (incoming: IncomingMessage, outgoing: ServerResponse) =>
      this.arrived({ incoming, outgoing, expects: "something else" }),
    );
    node.on("upgrade", (incoming: IncomingMessage, stream: Duplex, rest: Buffer) => {
      // While a body is on its way, this is a wrapper of the socket, and passes the socket's errors on.
      stream.on("error", () => {});
      this.arrived({ incoming, outgoing: null, rest });
    });
  }

  private arrived(arrival: Arrival): void {
    const { incoming, outgoing } = arrival;
    const connection = this.connections.get(incoming.socket);
    if (connection === undefined) return void incoming.socket.destroy();
    if (outgoing !== null) connection.willCarry(outgoing);
    else if (!connection.handedOver) return connection.breakOff();
    if (connection.refused) return;
    new ActiveRequest(this, connection, arrival, readHead(incoming, this.settings.maxHeaders)).start();
  }

  background<T>(fn: () => T | PromiseLike<T>, options?: TaskOptions): Task<T | undefined> {
    this.workLeft.add();
    const task: Task<T | undefined> = this.group.createTask(
      async () => {
        try {
          return await fn();
        } catch (error) {
          throwIfCancelled();
          this.report(error, null);
          return undefined;
        } finally {
          this.work.delete(task);
          this.workLeft.remove();
        }
      },
      { name: fn.name || "background", ...options, eager: false },
    );
    this.work.add(task);
    return task;
  }

  report(error: unknown, request: Request | null): void {
    guarded(
      () => this.settings.onError(error, request),
      (failure) => console.error("tsyncio: onError of a server threw:", failure),
    );
  }

  private beginStopping(): void {
    if (this.stopping) return;
    this.stopping = true;
    stopListening(this.node);
    this.shuttingDown.set();
  }

  private async drainRequests(): Promise<void> {
    this.beginStopping();
    await moveOnAfter(this.drain, async () => {
      for (const request of this.active) request.endSocket();
      if (this.connections.size > 0) await sleep(lastRequests);
      this.node.closeIdleConnections();
      await this.requests.empty();
      await this.connectionsFlushed();
    });
  }

  /** Closes connections on which nothing runs any more, once the last answer is out. */
  private async connectionsFlushed(): Promise<void> {
    for (const { socket } of this.connections.values()) socket.destroySoon();
    await this.connectionsLeft.empty();
  }

  /** Cancels, waits for a while, and cuts. */
  private async end(): Promise<void> {
    const { grace } = this.settings;
    this.beginStopping();
    for (const request of this.active) request.cancel(new ServerShutdown());
    await moveOnAfter(grace, async () => {
      await this.requests.empty();
      await this.connectionsFlushed();
    });
    for (const request of this.active) request.cutSocket();
    for (const socket of this.rawSockets) socket.destroy();
    endListener(this.node);
    for (const task of this.work) task.cancel(new ServerShutdown());
    await moveOnAfter(grace, () => this.workLeft.empty());
    this.giveUp();
    if (!this.closed.done()) this.closed.setResult();
  }

  /** Names those who do not end although they are cancelled: nobody can stop them, and nobody waits any longer. */
  private giveUp(): void {
    const names = [...this.group.tasks].map((task) => task.name);
    if (names.length === 0) return;
    this.report(
      new Error(`the server has closed, but does not end: ${names.join(", ")} (cancellation swallowed?)`),
      null,
    );
  }
}
