import { AsyncLocalStorage } from "node:async_hooks";
import { detached, suspend, type Wait } from "tsyncio";
import type { Dispatcher } from "undici";
import {
  AcquireTimeoutError,
  ConnectTimeoutError,
  type FailureDetails,
  HeadersTimeoutError,
  ReadTimeoutError,
  type RequestPhase,
} from "../errors.ts";
import { explainFailure } from "./explain-failure.ts";
import type { RawHeaders } from "../../shared/headers.ts";
import { Cut, Journal } from "./journal.ts";
import type { Freight, Lane } from "../pool/lane.ts";
import type { Pool, Ticket } from "../pool/pool.ts";
import type { BodySource } from "../response/body-source.ts";
import type { ResponseHead } from "../response/response-head.ts";
import type { Timings } from "../response/timings.ts";
import { Timer } from "../../shared/timer.ts";

/** Received bytes that nobody has read yet; past it, the socket is paused. */
const highWaterMark = 64 * 1024;

/** The largest rest of an unread body that is read and dropped to save the connection. */
const smallRest = 64 * 1024;

/** How long that may take, in milliseconds. */
const smallRestPatience = 1_000;

/** The time limits of one exchange, in milliseconds. */
export interface PhaseTimeouts {
  readonly acquire: number;
  readonly connect: number;
  readonly headers: number;
  readonly read: number;
}

/** One request, ready to be sent. */
export interface Order {
  /** Of the call that it belongs to, for tracing. */
  readonly id: number;
  /** For messages: the method and the URL, without user name and password. */
  readonly label: string;
  readonly origin: string;
  readonly peer: string;
  readonly dispatch: Dispatcher.DispatchOptions;
  readonly timeouts: PhaseTimeouts;
}

/** Closes the connection of a response that was not read to its end: no failure. */
class UnwantedRest extends Error {
  constructor() {
    super("the rest of the body was not wanted");
  }
}

/**
 * # One request and its answer
 *
 * The handler that undici calls. Its phases, each with its own time limit:
 *
 *     acquire ──granted──▶ connect ──started──▶ send ──sent──▶ headers ──head──▶ body ──▶ ended
 *        └────────────────────┴──────────────────┴───────────────┴───────────────┴──────▶ failed
 *
 * A failed exchange settles its waits at once, whatever undici is doing. What it takes to make undici let go depends
 * on how far it is: leave the gate; take the connecting socket down; or abort by the controller. The lane is given
 * back when undici says that it is through ({@link Lane.finished}), which may be later.
 *
 * Back-pressure: past 64 KiB that nobody reads, the socket is paused.
 */
export class Exchange implements Freight, Ticket, BodySource {
  readonly origin: string;
  /** Whether anything of the answer has come. */
  answered = false;
  private phase: RequestPhase | "ended" | "failed" = "acquire";
  private failure: Error | null = null;
  private readonly order: Order;
  private readonly pool: Pool;
  private readonly onOver: () => void;
  private readonly timer: Timer = new Timer();
  private readonly journal: Journal;
  /** The caller's context, for a turn that comes later, in somebody else's. */
  private inCallersContext: <R>(run: () => R) => R = runNow;

  private lane: Lane | null = null;
  private controller: Dispatcher.DispatchController | null = null;
  private headWait: Wait<ResponseHead> | null = null;
  private reader: Wait<Buffer | null> | null = null;
  private chunks: Buffer[] = [];
  private buffered = 0;
  /** Bytes of the body that are still to come, if the peer has said how many. */
  private remaining: number = Number.POSITIVE_INFINITY;
  private discarding = false;

  /** @param onOver Called when the last byte is in or no longer wanted, or the exchange has failed. */
  constructor(order: Order, pool: Pool, onOver: () => void) {
    this.origin = order.origin;
    this.order = order;
    this.pool = pool;
    this.onOver = onOver;
    this.journal = new Journal(order.id, order.label, order.peer);
  }

  /** Whether the connection had carried a request before. */
  get reused(): boolean {
    return this.journal.reused;
  }

  /** Sends the request and waits for the beginning of the answer. Cancelling the wait aborts the exchange. */
  begin(): Promise<ResponseHead> {
    return suspend<ResponseHead>(this.order.label, (wait) => {
      this.headWait = wait;
      this.pool.enter(this);
      if (this.phase === "acquire") {
        this.inCallersContext = AsyncLocalStorage.snapshot();
        this.arm("acquire", AcquireTimeoutError);
      }
      return () => this.abort(new Cut());
    });
  }

  /** The next piece of the body if it is there, null at its end; undefined if one has to wait, or it has failed. */
  readNow(): Buffer | null | undefined {
    const chunk = this.chunks.shift();
    if (chunk === undefined) return this.phase === "ended" ? null : undefined;
    this.buffered -= chunk.length;
    if (this.buffered < highWaterMark && this.phase === "body") this.controller?.resume();
    return chunk;
  }

  /**
   * Waits for the next piece of the body; null at its end. Cancelling the wait loses nothing: the next call gets the
   * piece. A failure is thrown when all that came before it has been read.
   */
  read(): Promise<Buffer | null> {
    return suspend<Buffer | null>(`the body of ${this.order.label}`, (wait) => {
      const chunk = this.readNow();
      if (chunk !== undefined) wait.resolve(chunk);
      else if (this.phase === "failed") wait.reject(this.failure);
      if (!wait.pending) return undefined;
      this.reader = wait;
      this.arm("read", ReadTimeoutError);
      return () => {
        this.reader = null;
        this.timer.clear();
      };
    });
  }

  /** Whether nothing more comes: the last byte is in, or it has failed. */
  get over(): boolean {
    return this.phase === "ended" || this.phase === "failed";
  }

  /** Where it is now, for error messages. */
  get details(): FailureDetails {
    const phase = this.phase === "ended" || this.phase === "failed" ? "body" : this.phase;
    return { request: this.order.label, phase, peer: this.order.peer };
  }

  get timings(): Timings {
    return this.journal.timings;
  }

  /** Nobody wants the rest: a small one is read and dropped, for a large one the connection is closed. */
  discard(): void {
    this.chunks = [];
    if (this.over) return;
    if (this.phase === "body" && this.remaining <= smallRest) {
      this.discarding = true;
      this.timer.set(smallRestPatience, () => this.abort(new UnwantedRest()));
      this.onOver();
      this.controller?.resume();
      return;
    }
    this.abort(new UnwantedRest());
  }

  /** Fails the exchange with this reason, at once, and makes undici let go of it. */
  abort(reason: Error): void {
    const { phase, lane, controller } = this;
    if (phase === "ended" || phase === "failed") return;
    this.chunks = [];
    this.fail(reason);
    if (lane === null) this.pool.leave(this);
    else if (controller === null) lane.abandon(reason);
    else controller.abort(reason);
  }

  granted(lane: Lane): void {
    this.lane = lane;
    this.phase = "connect";
    this.timer.clear();
    this.journal.acquired(lane.reused);
    // In the scope of the run: what undici opens in there outlives the call.
    this.inCallersContext(() => detached(() => lane.dispatch(this.order.dispatch, this)));
  }

  onConnecting(): void {
    if (this.phase === "connect") this.arm("connect", ConnectTimeoutError);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.phase === "failed") {
      controller.abort(this.failure as Error);
      return;
    }
    this.phase = "send";
    this.timer.clear();
    this.journal.connected();
  }

  onRequestSent(): void {
    if (this.phase !== "send") return;
    this.phase = "headers";
    this.journal.sent();
    this.arm("headers", HeadersTimeoutError);
  }

  onResponseStarted(): void {
    this.answered = true;
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: RawHeaders,
    statusText = "",
  ): void {
    this.answered = true;
    if (status < 200 || this.phase === "failed") return;
    this.phase = "body";
    this.timer.clear();
    this.journal.headOf(status);
    const length = headers["content-length"];
    if (typeof length === "string") this.remaining = Number(length);
    this.headWait?.resolve({ status, statusText, headers });
    this.headWait = null;
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.remaining -= chunk.length;
    this.journal.received(chunk.length);
    if (this.phase !== "body" || this.discarding) return;
    const { reader } = this;
    if (reader !== null) {
      this.reader = null;
      this.timer.clear();
      reader.resolve(chunk);
      return;
    }
    this.chunks.push(chunk);
    this.buffered += chunk.length;
    if (this.buffered >= highWaterMark) controller.pause();
  }

  onResponseEnd(): void {
    if (this.phase !== "failed") {
      this.phase = "ended";
      this.timer.clear();
      this.journal.ended();
      this.reader?.resolve(null);
      this.reader = null;
      this.onOver();
    }
    this.lane?.finished(true);
  }

  onResponseError(_controller: Dispatcher.DispatchController | null, error: Error): void {
    this.lane?.finished(false);
    if (this.phase !== "failed" && this.phase !== "ended") this.fail(explainFailure(error, this.details));
  }

  private fail(error: Error): void {
    const phase = this.phase as RequestPhase;
    this.phase = "failed";
    this.failure = error;
    if (error instanceof UnwantedRest) this.journal.ended();
    else this.journal.failed(phase, error);
    this.timer.clear();
    const { headWait, reader } = this;
    this.headWait = null;
    this.reader = null;
    headWait?.reject(error);
    reader?.reject(error);
    this.onOver();
  }

  private arm(phase: keyof PhaseTimeouts, timeoutError: new (elapsed: number, details: FailureDetails) => Error): void {
    this.timer.set(this.order.timeouts[phase], (elapsed) => this.abort(new timeoutError(elapsed, this.details)));
  }
}

function runNow<R>(run: () => R): R {
  return run();
}
