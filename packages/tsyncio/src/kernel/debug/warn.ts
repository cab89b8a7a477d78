import { inEmptyContext } from "../empty-context.ts";

/** The codes of tsyncio's process warnings, each explained in `docs/debugging.md`. */
export type WarningCode =
  | "TSYNCIO_LEFT_BEHIND"
  | "TSYNCIO_NEVER_AWAITED"
  | "TSYNCIO_PROMISE_AS_JOB"
  | "TSYNCIO_SLOW_CALLBACK"
  | "TSYNCIO_SLOW_STEP"
  | "TSYNCIO_STUCK_TASK"
  | "TSYNCIO_SWALLOWED_CANCELLATION"
  | "TSYNCIO_UNRETRIEVED";

/** Gives a process warning of the type `TsyncioWarning`. Node emits it a tick later, and so in the empty context. */
export function warn(code: WarningCode, message: string, detail?: string): void {
  const options = { type: "TsyncioWarning", code, ...(detail === undefined ? {} : { detail }) };
  inEmptyContext(() => process.emitWarning(message, options));
}
