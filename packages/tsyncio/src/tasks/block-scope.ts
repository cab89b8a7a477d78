import { currentScope, runIn } from "../kernel/context.ts";
import type { EventLoop } from "../kernel/event-loop.ts";
import { Scope, type ScopeKind } from "../kernel/scope.ts";
import { isThenable } from "../kernel/values.ts";

/**
 * A scope inside a task, as `timeout`, `taskGroup` and the others make it. What they share is how it is left:
 *
 *     the body gave a value       → the value, also if the scope was cancelled meanwhile
 *     it threw something else     → that
 *     it threw `own` (S1)         → what the construct makes of it (`timeout`: a TimeoutError; `cancelScope`: undefined)
 *     …and `outer` is there too   → `outer`: an enclosing scope was cancelled by then, and outer wins (S2)
 */
export class BlockScope extends Scope {
  private readonly label: string;

  constructor(
    kind: ScopeKind,
    label: string,
    parent: Scope = currentScope(),
    loop: EventLoop = parent.loop,
    grace: number = parent.grace,
  ) {
    super(kind, parent, loop, grace);
    this.label = label;
  }

  override get name(): string {
    return this.label;
  }

  /** Runs a body in here and leaves the scope when it has settled, whatever it did. */
  async run<T>(body: () => T | PromiseLike<T>): Promise<T> {
    try {
      const result: T | PromiseLike<T> = runIn(this, body);
      // A future or a lazy coroutine is awaited in here, too: a wait belongs to the scope in which `then` is called.
      const lazy = !(result instanceof Promise) && isThenable(result);
      return await (lazy ? runIn(this, async () => await result) : result);
    } finally {
      this.end();
      const turn = this.loop.turnIfDue();
      if (turn !== null) await turn;
    }
  }
}
