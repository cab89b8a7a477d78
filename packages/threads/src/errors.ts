/** The worker thread of a job ended before the job did: it called `process.exit`, or threw where nobody catches. */
export class WorkerDiedError extends Error {
  override readonly name: string = "WorkerDiedError";
  readonly code: string = "WORKER_DIED";
}

/** A job needed more memory than its worker thread may use. */
export class WorkerOutOfMemoryError extends WorkerDiedError {
  override readonly name: string = "WorkerOutOfMemoryError";
  override readonly code: string = "WORKER_OUT_OF_MEMORY";
}

/** The argument or the result of a job cannot be sent between threads (the structured clone algorithm refuses it). */
export class WorkerTransferError extends TypeError {
  override readonly name: string = "WorkerTransferError";
  readonly code: string = "WORKER_TRANSFER";
}
