import { isCancelled } from "../errors.ts";

/**
 * The one error that stands for several failures. A single failure is thrown as it is. With more than one, the first
 * is thrown and the others stand in its `suppressed`, where printing shows them; if it cannot carry them (a
 * primitive, a frozen error, one that has a `suppressed` of its own, a shared cancellation), an `AggregateError`
 * whose `cause` is the first. With `aggregate`, always an `AggregateError`, as in Python.
 */
export function combineFailures(failures: readonly unknown[], what: string, aggregate = false): unknown {
  // A body that awaits the child that failed throws the same error once more.
  const distinct = [...new Set(failures)];
  const [first, ...others] = distinct;
  if (!aggregate) {
    if (others.length === 0) return first;
    if (canCarry(first)) {
      Object.defineProperty(first, "suppressed", {
        value: others,
        enumerable: true,
        writable: true,
        configurable: true,
      });
      return first;
    }
  }
  return new AggregateError(distinct, `${distinct.length} failures in ${what}`, { cause: first });
}

function canCarry(error: unknown): error is Error {
  return error instanceof Error && !isCancelled(error) && Object.isExtensible(error) && !("suppressed" in error);
}
