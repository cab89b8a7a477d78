import { CancelledError, InvalidStateError } from "../errors.ts";
import { currentScope } from "../kernel/context.ts";
import { debugging } from "../kernel/debug/debugging.ts";
import { currentTaskName } from "../kernel/storage.ts";
import { refuseBareTask } from "./bare-task.ts";
import { Outcome } from "./outcome.ts";
import { reportUnlessRetrieved } from "./unretrieved.ts";

let lastId = 0;

/**
 * A result that somebody will set: the bridge between callbacks and `await`. Whoever awaits it waits in their own
 * scope; a cancelled awaiter leaves the future as it is.
 *
 *     const pressed = new Future<string>();
 *     button.once("press", (side) => pressed.setResult(side));
 *     show(await pressed);
 */
export class Future<T> extends Outcome<T> {
  readonly name: string;

  constructor(options: { readonly name?: string } = {}) {
    super();
    this.name = options.name ?? `Future-${(lastId += 1)}`;
    if (debugging.loops > 0) currentScope().loop.debugHooks?.created(this);
  }

  /**
   * Sets the value and wakes all who wait.
   * @throws InvalidStateError if it is done; TypeError for a bare task, which a promise would flatten away.
   */
  setResult(value: T): void {
    refuseBareTask(value, "setResult");
    if (!this.settle("fulfilled", value)) this.refuseSecond("setResult");
  }

  /**
   * Sets the error and wakes all who wait. If nobody ever looks at it, then once the future has been collected as
   * garbage the error goes to the loop's `exceptionHandler`; without one, it becomes a process warning.
   * @throws InvalidStateError if it is done; TypeError for a class where an instance belongs.
   */
  setException(error: unknown): void {
    if (typeof error === "function") {
      throw new TypeError(`setException: expected an error, got the function ${error.name}: pass an instance`);
    }
    if (!this.settle("failed", error)) this.refuseSecond("setException");
    reportUnlessRetrieved(this, error, currentScope().loop);
  }

  /** Cancels the future: those who wait get a `CancelledError` with this reason. Returns false if it is done. */
  cancel(reason?: unknown): boolean {
    if (this.done()) return false;
    const scope = { name: this.name, cancelled: true };
    return this.settle("cancelled", new CancelledError(scope, reason, currentTaskName()));
  }

  private refuseSecond(method: string): never {
    throw new InvalidStateError(`${method}: ${this.name} is done already (${this.describe()})`);
  }
}
