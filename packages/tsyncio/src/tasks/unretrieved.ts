import type { EventLoop, ExceptionContext } from "../kernel/event-loop.ts";
import type { Outcome } from "./outcome.ts";

/** What is known of a future's failure when the future itself is gone. */
interface Failure {
  readonly name: string;
  readonly error: unknown;
  readonly loop: EventLoop;
  retrieved: boolean;
}

/**
 * # A future that failed, and nobody looked
 *
 * The failure of a task has an owner who is told one turn later. A future has none, and whoever is going to await it may
 * come much later. That nobody will is certain only when nobody can: when the future is garbage. Then its failure goes to
 * the loop's `exceptionHandler`, or, without one, becomes a process warning with the code `TSYNCIO_UNRETRIEVED`.
 */
const collected = new FinalizationRegistry<Failure>((failure) => {
  if (failure.retrieved) return;
  reportUnretrieved(`${failure.name} failed, and nobody looked at its error`, failure.error, failure.loop);
});

/** Tells the loop's `exceptionHandler` of an error that nobody gets to see; without one, warns. */
export function reportUnretrieved(
  message: string,
  error: unknown,
  loop: EventLoop,
  about: Pick<ExceptionContext, "future"> = {},
): void {
  if (loop.exceptionHandler !== null) return loop.reportException(message, error, about);
  const detail = error instanceof Error ? error.stack : undefined;
  process.emitWarning(`${message}: ${String(error)}`, {
    type: "TsyncioWarning",
    code: "TSYNCIO_UNRETRIEVED",
    ...(detail === undefined ? {} : { detail }),
  });
}

/** Sees to it that a failure at which nobody has looked yet is reported if nobody ever does. */
export function reportUnlessRetrieved(future: Outcome<unknown>, error: unknown, loop: EventLoop): void {
  if (future.retrieved) return;
  const failure: Failure = { name: future.name, error, loop, retrieved: false };
  // What stays when the future is gone has to know whether anybody looked. This costs only a future that failed early.
  Object.defineProperty(future, "retrieved", {
    get: () => failure.retrieved,
    set: (retrieved: boolean) => {
      failure.retrieved = retrieved;
    },
  });
  collected.register(future, failure);
}
