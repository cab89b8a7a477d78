import { Worker, type Transferable } from "node:worker_threads";
import { detached } from "tsyncio";
import { StoreError } from "../errors.ts";
import type { EngineArguments, EngineMethod, EngineResult } from "./engine-calls.ts";
import type { EngineConfiguration, EngineGreeting, EngineRequest, EngineResponse } from "./protocol.ts";
import { fromWire } from "./wire-error.ts";

interface Pending {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/** The id of what the thread says by itself, once it is open. */
const GREETING = 0;

/**
 * Asks the store's thread, by numbered messages. The thread keeps the process alive exactly while an answer is due.
 *
 *     running ──the thread ends──▶ ended: what was pending, and whatever comes later, rejects
 */
export class WorkerChannel {
  readonly #worker: Worker;
  readonly #pending = new Map<number, Pending>();
  readonly #exited = Promise.withResolvers<void>();
  #state: { readonly kind: "running" } | { readonly kind: "ended"; readonly error: Error } = { kind: "running" };
  #lastId = GREETING;

  private constructor(configuration: EngineConfiguration) {
    // The thread runs what this file runs: the sources in a checkout, the build in an installed package.
    const extension = import.meta.url.endsWith(".ts") ? ".ts" : ".js";
    const script = new URL(`./worker${extension}`, import.meta.url);
    // Detached: the thread serves everybody, and must not hold on to the task that happened to open the store.
    // A small young generation is collected often and stays in the processor's cache: less memory, and no slower.
    const resourceLimits = { maxYoungGenerationSizeMb: 16 };
    const options = { name: "tsyncio-store", workerData: configuration, resourceLimits };
    this.#worker = detached(() => new Worker(script, options));
    this.#worker.on("message", (response: EngineResponse) => this.#settle(response));
    this.#worker.on("error", (error) => this.#end(crashed(configuration, error)));
    this.#worker.on("exit", () => {
      this.#end(crashed(configuration, undefined));
      this.#exited.resolve();
    });
  }

  /** Starts the thread, and waits until it has opened the database. */
  static async start(
    configuration: EngineConfiguration,
  ): Promise<{ readonly channel: WorkerChannel; readonly greeting: EngineGreeting }> {
    const channel = new WorkerChannel(configuration);
    try {
      return { channel, greeting: await channel.#expect<EngineGreeting>(GREETING) };
    } catch (error) {
      await channel.exited();
      throw error;
    }
  }

  request<Name extends EngineMethod>(
    method: Name,
    args: EngineArguments<Name>,
    transfer: readonly Transferable[] = [],
  ): Promise<EngineResult<Name>> {
    if (this.#state.kind === "ended") return Promise.reject(this.#state.error);
    const id = ++this.#lastId;
    this.#worker.postMessage({ id, method, args } satisfies EngineRequest, transfer);
    return this.#expect<EngineResult<Name>>(id);
  }

  /** Waits until the thread has ended. */
  exited(): Promise<void> {
    this.#worker.ref();
    return this.#exited.promise;
  }

  #expect<T>(id: number): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    if (this.#pending.size === 0) this.#worker.ref();
    this.#pending.set(id, { resolve, reject });
    return promise;
  }

  #settle(response: EngineResponse): void {
    const pending = this.#pending.get(response.id);
    this.#pending.delete(response.id);
    if (this.#pending.size === 0) this.#worker.unref();
    if ("error" in response) pending?.reject(fromWire(response.error));
    else pending?.resolve(response.value as never);
  }

  #end(error: Error): void {
    if (this.#state.kind === "ended") return;
    this.#state = { kind: "ended", error };
    for (const { reject } of this.#pending.values()) reject(error);
    this.#pending.clear();
  }
}

function crashed(configuration: EngineConfiguration, cause: unknown): StoreError {
  const reason = cause instanceof Error ? `: ${cause.message}` : "";
  return new StoreError(
    "crashed",
    `the thread of ${configuration.display} ended${reason}`,
    "What was reported as saved is in; open the store again",
    { cause },
  );
}
