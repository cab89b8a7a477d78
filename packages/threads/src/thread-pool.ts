import { AsyncLocalStorage } from "node:async_hooks";
import { availableParallelism } from "node:os";
import type { Transferable } from "node:worker_threads";
import {
  detached,
  type Duration,
  InvalidStateError,
  interruptible,
  isCancelled,
  moveOnAfter,
  QueueFull,
  shield,
  suspend,
  throwIfCancelled,
  timeout,
  TimeoutError,
  toMilliseconds,
  type Wait,
} from "tsyncio";
import type { JobReply, JobRequest, RunInThreadOptions } from "./job.ts";
import type { ThreadArgument, ThreadFunctionName, ThreadModule, ThreadResult } from "./thread-module.ts";
import { Thread } from "./thread.ts";
import { fromWire } from "./wire-error.ts";

/** Options of a {@link ThreadPool}. */
export interface ThreadPoolOptions {
  /** For messages and statistics. Default: `"threads"`. */
  readonly name?: string;
  /** The most threads, and so the most jobs that run at once. Default: one less than there are cores, at least 1. */
  readonly threads?: number;
  /** The most jobs that wait for a thread; a further one rejects with `QueueFull`. Default: no limit. */
  readonly queue?: number;
  /** The most memory that a job may use on the JavaScript heap, in megabytes, at least 16; buffers are not counted. */
  readonly memory?: { readonly heapMb: number };
  /** How long a thread is kept without a job. Default: 30 s. */
  readonly idleTimeout?: Duration;
}

/** What a pool does now, and what became of the jobs it was given. */
export interface ThreadPoolStatistics {
  readonly name: string;
  /** The most threads, and how many of them exist at the moment. */
  readonly threads: number;
  readonly alive: number;
  /** Jobs that have a thread, and jobs that wait for one. */
  readonly running: number;
  readonly waiting: number;
  /** Jobs that returned; that threw, or lost their worker; and that were cancelled or timed out. */
  readonly completed: number;
  readonly failed: number;
  readonly cancelled: number;
}

/** How long a cancelled call waits for its worker to be gone; native code cannot be interrupted. */
const patience = "1s";

/** With much less, not the worker but the process runs out of memory: Node cannot even start the thread. */
const leastHeapMb = 16;

/**
 * # Threads whose work is really cancelled
 *
 * A worker thread cannot be asked to stop: while it computes, it does not listen. So a job is cancelled by ending its
 * thread, which V8 does also in the middle of an endless loop, and the next job gets a fresh one. For that to hit
 * nobody else, each thread runs one job at a time, and the others wait here, in order; a job that is cancelled while
 * it waits is simply forgotten.
 *
 *     open ──close()──▶ closing: takes no more, finishes what it has ──▶ closed: the threads are gone
 *
 * Threads start when there is work for them, and end when they were idle for a while. A job that is running or waiting
 * keeps the process alive; an idle pool does not, so a pool that serves a whole process need not be closed.
 */
export class ThreadPool {
  readonly name: string;
  readonly #queueLimit: number;
  readonly #threads: readonly Thread[];
  /** The one that was busy last is on top, so that the others become idle long enough to end. */
  readonly #free: Thread[];
  readonly #waiting: Set<Wait<Thread>> = new Set();
  /** Piscina's listeners and workers belong to whoever opened the pool, not to whoever happens to need a thread. */
  readonly #inOwnContext: <R>(run: () => R) => R;
  readonly #drained: Set<Wait<void>> = new Set();
  #state: "open" | "closing" | "closed" = "open";
  #completed = 0;
  #failed = 0;
  #cancelled = 0;

  constructor(options: ThreadPoolOptions = {}) {
    const { name = "threads", threads = Math.max(1, availableParallelism() - 1), queue = Infinity, memory } = options;
    expectCount("threads", threads, 1);
    if (queue !== Infinity) expectCount("queue", queue, 0);
    if (memory !== undefined) expectCount("memory.heapMb", memory.heapMb, leastHeapMb);
    const idleTimeout = toMilliseconds(options.idleTimeout ?? "30s", "idleTimeout");
    this.name = name;
    this.#queueLimit = queue;
    this.#inOwnContext = detached(() => AsyncLocalStorage.snapshot());
    this.#threads = this.#inOwnContext(() =>
      Array.from({ length: threads }, () => new Thread({ poolName: name, idleTimeout, heapMb: memory?.heapMb })),
    );
    this.#free = [...this.#threads];
  }

  /**
   * Calls an exported function of a module in a worker thread and waits for its result; jobs are started in the order
   * of their coming. The argument and the result are copied between the threads by the structured clone algorithm,
   * except for what `transfer` moves; the module stays loaded in the thread for the next job.
   *
   * A cancellation of the current task, or a `timeout` around the call, drops a job that waits; it ends the thread of
   * one that runs, wherever that is, and then waits until the thread is gone (for a second at most: native code cannot
   * be interrupted, and occupies its thread until it returns).
   *
   * Rejects with what the function threw (same name, message, stack, cause); with `WorkerOutOfMemoryError` or
   * `WorkerDiedError` if the thread ended under it, which no other job notices; with `WorkerTransferError` if the
   * argument or result cannot be sent; with `TimeoutError` after `options.timeout`; with `QueueFull` if too many jobs
   * wait; and with `InvalidStateError` if the pool is closed.
   */
  run<Exports, Name extends ThreadFunctionName<Exports>>(
    module: ThreadModule<Exports>,
    exportName: Name,
    argument: ThreadArgument<Exports, Name>,
    options?: RunInThreadOptions,
  ): Promise<ThreadResult<Exports, Name>>;
  run(module: URL | string, exportName: string, argument: unknown, options?: RunInThreadOptions): Promise<unknown>;
  async run(
    module: ThreadModule<unknown> | URL | string,
    exportName: string,
    argument: unknown,
    options: RunInThreadOptions = {},
  ): Promise<unknown> {
    const request: JobRequest = { module: moduleUrl(module), exportName, argument };
    const thread = await this.#acquire();
    try {
      const perform = (): Promise<JobReply> => this.#perform(thread, request, options.transfer ?? []);
      const reply = await (options.timeout === undefined ? perform() : limited(exportName, options.timeout, perform));
      if (reply.kind === "threw") throw fromWire(reply.error);
      this.#completed += 1;
      return reply.value;
    } catch (error) {
      if (isCancelled(error) || error instanceof TimeoutError) this.#cancelled += 1;
      else this.#failed += 1;
      throw error;
    } finally {
      this.#release(thread);
    }
  }
  /**
   * Takes no more jobs, waits until those that it has are done, and ends the threads. With `force`, or when the grace
   * of a cancellation is over, jobs are not waited for: their callers get an `InvalidStateError`. Shielded; closing
   * twice is fine.
   */
  async close({ force = false }: { readonly force?: boolean } = {}): Promise<void> {
    if (this.#state === "open") this.#state = "closing";
    try {
      if (!force) await shield(() => this.#drain());
    } finally {
      this.#state = "closed";
      for (const wait of this.#waiting) wait.reject(this.#closedError());
      this.#waiting.clear();
      await Promise.all(this.#threads.map((thread) => thread.end(this.#closedError())));
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  statistics(): ThreadPoolStatistics {
    return {
      name: this.name,
      threads: this.#threads.length,
      alive: this.#threads.filter((thread) => thread.alive).length,
      running: this.#threads.length - this.#free.length,
      waiting: this.#waiting.size,
      completed: this.#completed,
      failed: this.#failed,
      cancelled: this.#cancelled,
    };
  }

  #acquire(): Promise<Thread> {
    return suspend<Thread>(`a free thread of pool "${this.name}"`, (wait) => {
      if (this.#state !== "open") throw this.#closedError();
      const thread = this.#free.pop();
      if (thread !== undefined) {
        wait.resolve(thread);
        return undefined;
      }
      if (this.#waiting.size >= this.#queueLimit) throw this.#fullError();
      this.#waiting.add(wait);
      return () => this.#waiting.delete(wait);
    });
  }

  async #perform(thread: Thread, request: JobRequest, transfer: readonly Transferable[]): Promise<JobReply> {
    throwIfCancelled();
    const reply = this.#inOwnContext(() => thread.run(request, transfer));
    try {
      // The reply comes from outside tsyncio, so that a simulated clock does not run on while the thread works.
      return await interruptible(reply);
    } catch (error) {
      if (!isCancelled(error) || thread.state !== "busy") throw error;
      const gone = thread.end(new InvalidStateError(`"${request.exportName}" was cancelled`));
      await shield(() => moveOnAfter(patience, () => interruptible(gone)));
      throw error;
    }
  }

  /** Hands the thread to the next in the queue, once the worker that it may have had to end is gone. */
  #release(thread: Thread): void {
    if (thread.gone !== undefined) {
      void thread.gone.then(() => this.#release(thread));
      return;
    }
    for (const wait of this.#waiting) {
      this.#waiting.delete(wait);
      if (wait.resolve(thread)) return;
    }
    this.#free.push(thread);
    if (this.#free.length < this.#threads.length) return;
    for (const wait of this.#drained) wait.resolve();
    this.#drained.clear();
  }

  async #drain(): Promise<void> {
    if (this.#free.length === this.#threads.length) return;
    await suspend<void>(`the jobs of thread pool "${this.name}"`, (wait) => {
      this.#drained.add(wait);
      return () => this.#drained.delete(wait);
    });
  }

  #fullError(): QueueFull {
    return new QueueFull(
      `thread pool "${this.name}" is full: ${this.#threads.length} jobs run and ${this.#waiting.size} wait, ` +
        `which is its limit; raise "queue", or start fewer jobs at once`,
    );
  }

  #closedError(): InvalidStateError {
    return new InvalidStateError(`thread pool "${this.name}" is closed`);
  }
}

/** Limits the running time of a job, and says which job it was. */
async function limited(label: string, duration: Duration, perform: () => Promise<JobReply>): Promise<JobReply> {
  try {
    return await timeout(duration, perform);
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    throw new TimeoutError(`"${label}" ran longer than ${describe(duration)} and was ended`, { cause: error });
  }
}

function describe(duration: Duration): string {
  return typeof duration === "number" ? `${duration}ms` : duration;
}

function moduleUrl(module: ThreadModule<unknown> | URL | string): string {
  if (typeof module === "object" && !(module instanceof URL)) return module.url.href;
  if (URL.canParse(module)) return String(module);
  throw new TypeError(
    `expected a module as a URL, such as new URL("./worker.js", import.meta.url), or made by threadModule(); ` +
      `got ${JSON.stringify(module)}`,
  );
}

function expectCount(what: string, value: number, least: number): void {
  if (Number.isInteger(value) && value >= least) return;
  throw new RangeError(`ThreadPool: ${what} must be a whole number of at least ${least}, got ${String(value)}`);
}
