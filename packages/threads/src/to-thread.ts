import { AsyncLocalStorage } from "node:async_hooks";
import type { RunInThreadOptions } from "./job.ts";
import { ThreadPool } from "./thread-pool.ts";
import type { ThreadArgument, ThreadFunctionName, ThreadModule, ThreadResult } from "./thread-module.ts";

/** The common pool serves the whole process, so it must not hold on to the request that happened to need it first. */
const inEmptyContext = AsyncLocalStorage.snapshot();

let common: ThreadPool | undefined;

/**
 * Calls an exported function of a module in a worker thread of the process's common pool (one thread less than the
 * machine has cores, without a limit of memory or of waiting jobs), and waits for its result. Everything that
 * {@link ThreadPool.run} says holds: in particular, a cancellation ends the work, not only the waiting.
 *
 *     const parser = threadModule<typeof import("./parser.ts")>("./parser.ts", import.meta.url);
 *     const document = await timeout("5s", () => toThread(parser, "parse", bytes));
 */
export function toThread<Exports, Name extends ThreadFunctionName<Exports>>(
  module: ThreadModule<Exports>,
  exportName: Name,
  argument: ThreadArgument<Exports, Name>,
  options?: RunInThreadOptions,
): Promise<ThreadResult<Exports, Name>>;
export function toThread(
  module: URL | string,
  exportName: string,
  argument: unknown,
  options?: RunInThreadOptions,
): Promise<unknown>;
export function toThread(
  module: ThreadModule<unknown> | URL | string,
  exportName: string,
  argument: unknown,
  options?: RunInThreadOptions,
): Promise<unknown> {
  common ??= inEmptyContext(() => new ThreadPool({ name: "common" }));
  return common.run(module as URL, exportName, argument, options);
}
