import { inspect } from "node:util";
import type { Transferable } from "node:worker_threads";
import { Piscina } from "piscina";
import { WorkerDiedError, WorkerOutOfMemoryError, WorkerTransferError } from "./errors.ts";
import type { JobReply, JobRequest } from "./job.ts";
import { threadModule } from "./thread-module.ts";

/** What piscina accepts; its own types lag behind those of Node. */
type Transferables = NonNullable<Parameters<Piscina["run"]>[1]>["transferList"] & object;

const { url: workerUrl } = threadModule("./worker.ts", import.meta.url);

/**
 * The young generation of a worker's heap, in megabytes. V8 lets it grow under load, and the process with it; a small
 * one is collected more often and stays in the processor's cache. Measured with `npm run bench -- ingest`: a tenth less
 * memory in the end, and no slower.
 */
const youngGenerationMb = 16;

export interface ThreadOptions {
  /** For messages. */
  readonly poolName: string;
  /** How long the worker stays without a job, in milliseconds. */
  readonly idleTimeout: number;
  /** The most heap that a job may use, in megabytes; undefined for Node's default. */
  readonly heapMb: number | undefined;
}

interface Job {
  readonly label: string;
  readonly resolve: (reply: JobReply) => void;
  readonly reject: (error: Error) => void;
}

/**
 * # One thread of a pool
 *
 * A piscina of at most one worker: it starts the worker when there is a job, carries the messages, keeps the process
 * alive exactly while a job runs, and ends the worker when it has been idle. Which job runs when is not its business:
 * with several workers and jobs that can be aborted, piscina 5 keeps no order among those that wait, has no limit for
 * them, and starts no new worker for them after it has ended one. So the pool has its own queue, and each thread is
 * handed a job only when it is free.
 *
 *     free ──run──▶ busy ──the job settles──▶ free
 *                     └──end──▶ ending ──the worker is gone──▶ free
 */
export class Thread {
  readonly #poolName: string;
  readonly #heapMb: number | undefined;
  readonly #piscina: Piscina<JobRequest, JobReply>;
  #state:
    | { readonly kind: "free" }
    | { readonly kind: "busy"; readonly job: Job }
    | { readonly kind: "ending"; readonly gone: Promise<void> } = { kind: "free" };

  constructor({ poolName, idleTimeout, heapMb }: ThreadOptions) {
    this.#poolName = poolName;
    this.#heapMb = heapMb;
    this.#piscina = new Piscina({
      filename: workerUrl.href,
      name: "runJob",
      minThreads: 0,
      maxThreads: 1,
      idleTimeout,
      recordTiming: false,
      // With atomics, a worker without a job is blocked, and this thread takes all answers that are there in one go.
      atomics: "disabled",
      resourceLimits: {
        maxYoungGenerationSizeMb: youngGenerationMb,
        ...(heapMb === undefined ? {} : { maxOldGenerationSizeMb: heapMb }),
      },
    });
    this.#piscina.on("error", (error) => this.#onWorkerError(error));
    this.#piscina.on("workerDestroy", () => this.#onWorkerEnded());
  }

  /** Whether there is a worker: not before the first job, and not after a long idle time. */
  get alive(): boolean {
    return this.#piscina.threads.length > 0;
  }

  /** While a worker is being ended: settles when it is gone. */
  get gone(): Promise<void> | undefined {
    return this.#state.kind === "ending" ? this.#state.gone : undefined;
  }

  get state(): "free" | "busy" | "ending" {
    return this.#state.kind;
  }

  /** Hands over a job; the thread must be free. Rejects when the worker ends before it has answered. */
  run(request: JobRequest, transfer: readonly Transferable[]): Promise<JobReply> {
    const { promise, resolve, reject } = Promise.withResolvers<JobReply>();
    const job: Job = { label: request.exportName, resolve, reject };
    this.#state = { kind: "busy", job };
    this.#piscina.run(request, { transferList: [...transfer] as unknown as Transferables }).then(
      (reply) => {
        if (this.#leave(job)) resolve(reply);
      },
      (error: unknown) => {
        if (this.#leave(job)) reject(this.#explain(job, error));
      },
    );
    return promise;
  }

  /** Ends the worker, in the middle of whatever it does, and waits until it is gone. Its job fails with `reason`. */
  end(reason: Error): Promise<void> {
    if (this.#state.kind === "ending") return this.#state.gone;
    const job = this.#job;
    const gone = this.#piscina.destroy().then(() => {
      this.#state = { kind: "free" };
    });
    this.#state = { kind: "ending", gone };
    job?.reject(reason);
    return gone;
  }

  get #job(): Job | undefined {
    return this.#state.kind === "busy" ? this.#state.job : undefined;
  }

  #leave(job: Job): boolean {
    if (this.#job !== job) return false;
    this.#state = { kind: "free" };
    return true;
  }

  /** Something was thrown in the worker where nobody catches, before it took its job or when it had none. */
  #onWorkerError(error: unknown): void {
    const job = this.#job;
    // The job is still in piscina's queue, so that must be emptied.
    if (job !== undefined) void this.end(this.#explain(job, error));
    else if (this.#state.kind === "free") this.#warn(error);
  }

  /** Something that an earlier job left behind has failed. No job is hurt, but nobody else would hear of it. */
  #warn(error: unknown): void {
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.emitWarning(
      `a worker of thread pool "${this.#poolName}" ended without a job: ${text}`,
      "ThreadPoolWarning",
    );
  }

  /** A worker may end before it takes its job: piscina would go on waiting for it. */
  #onWorkerEnded(): void {
    const job = this.#job;
    if (job === undefined) return;
    // Later: if the job did reach the worker, its own rejection comes first and says more.
    setImmediate(() => {
      if (this.#job === job) void this.end(this.#explain(job, undefined));
    });
  }

  #explain({ label }: Job, reason: unknown): Error {
    const where = `"${label}" in thread pool "${this.#poolName}"`;
    const { name, message } = describe(reason);
    if (name === "DataCloneError") {
      // What cannot be sent back ends the worker; what cannot be sent there does not.
      const what = this.alive ? "the argument of" : "what was returned by";
      return new WorkerTransferError(
        `${what} ${where} cannot be sent between threads: ${message} Send plain data, Maps, Sets and typed arrays`,
        { cause: reason },
      );
    }
    if (name === "ERR_WORKER_OUT_OF_MEMORY") {
      const limit = this.#heapMb === undefined ? "a worker may use" : `the ${this.#heapMb} MB that a worker may use`;
      return new WorkerOutOfMemoryError(`${where} needed more memory than ${limit}`, { cause: reason });
    }
    return new WorkerDiedError(`the worker of ${where} ended: ${message}`, { cause: reason });
  }
}

/** What ended a worker. A `DOMException` that nobody caught there arrives with its name and message in the stack only. */
function describe(reason: unknown): { readonly name: string; readonly message: string } {
  if (!(reason instanceof Error)) {
    return { name: "", message: reason === undefined ? "it could not start" : `it threw ${inspect(reason)}` };
  }
  const [firstLine = ""] = (reason.stack ?? "").split("\n", 1);
  const [, name = reason.name, message = firstLine] = /^(\w+): (.*)$/.exec(firstLine) ?? [];
  const { code } = reason as { code?: unknown };
  return { name: typeof code === "string" ? code : name, message: reason.message === "" ? message : reason.message };
}
