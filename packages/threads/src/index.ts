/** CPU-bound work on worker threads, cancelled for real: see {@link ThreadPool}. */
export { type RunInThreadOptions } from "./job.ts";
export { ThreadPool, type ThreadPoolOptions, type ThreadPoolStatistics } from "./thread-pool.ts";
export {
  type ThreadArgument,
  type ThreadFunctionName,
  type ThreadModule,
  threadModule,
  type ThreadResult,
} from "./thread-module.ts";
export { toThread } from "./to-thread.ts";
export { WorkerDiedError, WorkerOutOfMemoryError, WorkerTransferError } from "./errors.ts";
