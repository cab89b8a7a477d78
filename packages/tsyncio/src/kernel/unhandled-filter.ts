import { CancelledError } from "../errors.ts";

/**
 * # Cancellations that nobody awaits
 *
 * In `const a = f(); await g(); await a` a timeout that strikes during `g()` also ends the wait inside `f`, and `a`
 * rejects while nobody listens. Node would crash the process for an "unhandled rejection", although the caller's
 * work was cut short on purpose and there is nothing to handle.
 *
 * A listener for `unhandledRejection` would change what Node does with *all* others (it stops crashing). So tsyncio
 * adds none: from the first cancellation on, `process.emit` is wrapped, and the events whose reason is the
 * `CancelledError` of a cancelled scope are answered as handled. When such a promise is awaited after all, Node
 * reports a late handler; that event is answered too.
 *
 * A program that a signal cancels rejects at its top level, where Node would print the error and exit with status 1
 * before the process can end by the signal; such errors are announced with {@link expectUncaught}.
 */
type Emit = (event: string | symbol, ...args: unknown[]) => boolean;

const installed = Symbol.for("tsyncio.unhandled-filter");
const expected = Symbol.for("tsyncio.expected-uncaught");

/**
 * Says that this error may end the program's top level without a word, as long as `aboutToEnd` says that the process
 * ends in another way at once.
 */
export function expectUncaught(error: object, aboutToEnd: () => boolean): void {
  filterUnhandledCancellations();
  (process as FilteredProcess)[expected]?.set(error, aboutToEnd);
}

type FilteredProcess = NodeJS.Process & { readonly [installed]?: true; readonly [expected]?: Announced };

type Announced = WeakMap<object, () => boolean>;

/** Installs the filter, once in a process. Cheap when it is there already. */
export function filterUnhandledCancellations(): void {
  if ((process as FilteredProcess)[installed] === true) return;
  const announced: Announced = new WeakMap();
  Object.defineProperty(process, installed, { value: true });
  Object.defineProperty(process, expected, { value: announced });
  const emit = process.emit.bind(process) as Emit;
  const dropped = new WeakSet();
  const filtered: Emit = (event, ...args) => {
    if (event === "unhandledRejection" && isExpected(args[0])) {
      dropped.add(args[1] as object);
      return true;
    }
    if (event === "rejectionHandled" && dropped.has(args[0] as object)) return true;
    if (event === "uncaughtException" && announced.get(args[0] as object)?.() === true) return true;
    return emit(event, ...args);
  };
  process.emit = filtered as typeof process.emit;
}

function isExpected(reason: unknown): boolean {
  return reason instanceof CancelledError && reason.scope.cancelled;
}
