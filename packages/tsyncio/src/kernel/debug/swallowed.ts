import type { CancelledError } from "../../errors.ts";
import type { CallStack, StackFrame } from "./call-stack.ts";
import type { WatchedScope } from "./subjects.ts";
import { warn } from "./warn.ts";

/** What became of one cancellation in one task. */
interface Deliveries {
  readonly error: CancelledError;
  /** Where the waits were that it ended. */
  readonly stacks: CallStack[];
  reported: boolean;
}

/** More are not compared. */
const maxStacks = 50;

/**
 * # Who swallows a cancellation?
 *
 * A task may be told of its cancellation several times without fault, if its code runs in several places at once, as under
 * `Promise.all`: once in each. It swallowed it if it was told, and then *the same* place went on to another wait. That is
 * seen from the stacks of the two waits, which include the async functions that await them: the outermost function in which
 * they differ must have moved on. A wait in a `finally` counts too: it is refused, so the clean-up does not take place.
 */
export class SwallowedCancellations {
  private readonly deliveries: WeakMap<WatchedScope, Deliveries> = new WeakMap();

  /** A wait of a task was ended by a cancellation, or refused because of one. */
  delivered(task: WatchedScope, error: CancelledError, stack: CallStack): void {
    // Whoever asks for two things at once is told twice; nothing has been swallowed before the first rejection arrives.
    queueMicrotask(() => {
      const { stacks } = this.of(task, error);
      if (stacks.length < maxStacks) stacks.push(stack);
    });
  }

  /** A task that is cancelled wants to wait. */
  refused(task: WatchedScope, error: CancelledError, label: string, stack: CallStack): void {
    const deliveries = this.of(task, error);
    if (!deliveries.reported && deliveries.stacks.some((earlier) => hasMovedOn(earlier.frames, stack.frames))) {
      deliveries.reported = true;
      warn(
        "TSYNCIO_SWALLOWED_CANCELLATION",
        `${task.name} caught ${whose(task, error)} cancellation and went on: it wanted to wait for ${label} at ${stack.site}`,
        "Throw it again, as in catch (error) { if (isCancelled(error)) throw error; … }; clean-up that waits goes into shield().",
      );
    }
    this.delivered(task, error, stack);
  }

  private of(task: WatchedScope, error: CancelledError): Deliveries {
    const known = this.deliveries.get(task);
    if (known?.error === error) return known;
    const fresh: Deliveries = { error, stacks: [], reported: false };
    this.deliveries.set(task, fresh);
    return fresh;
  }
}

function whose(task: WatchedScope, { scope }: CancelledError): string {
  return (scope as unknown) === task ? "its own" : `${scope.name}'s`;
}

/**
 * Whether the later stack is that of the same flow of control, further on or at the same line again. Up to its first
 * `await`, a function stands on those that called it, whether or not they await it; these frames are missing later.
 */
function hasMovedOn(earlier: readonly StackFrame[], later: readonly StackFrame[]): boolean {
  return earlier.some((_, index) => followsFrom(earlier.slice(0, earlier.length - index), later));
}

function followsFrom(earlier: readonly StackFrame[], later: readonly StackFrame[]): boolean {
  for (let inward = 1; ; inward += 1) {
    const before = earlier.at(-inward);
    const after = later.at(-inward);
    if (before === undefined || after === undefined) return inward > 1;
    if (!sameFunction(before, after)) return false;
    if (before.line === after.line && before.column === after.column) continue;
    // If it still waits for several others, one of these is what wants to wait.
    return !isOneOfSeveral(later.at(-inward - 1));
  }
}

function sameFunction(a: StackFrame, b: StackFrame): boolean {
  return a.function === b.function && a.file === b.file;
}

function isOneOfSeveral(frame: StackFrame | undefined): boolean {
  return frame !== undefined && frame.file === "" && frame.function.startsWith("Promise.");
}
