import { AsyncLocalStorage } from "node:async_hooks";
import type { EventEmitter } from "node:events";
import { performance } from "node:perf_hooks";
import { setImmediate } from "node:timers";
import { currentScope, rootScope } from "../kernel/context.ts";
import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import { inEmptyContext } from "../kernel/empty-context.ts";
import type { Scope } from "../kernel/scope.ts";
import { isThenable } from "../kernel/values.ts";
import type { Coroutine } from "../tasks/coroutine.ts";
import { createTask, taskBody } from "../tasks/create-task.ts";
import { currentRunScope, type RunScope } from "../tasks/run-scope.ts";
import { run } from "../tasks/run.ts";
import { currentTask } from "../tasks/task.ts";
import { HandleWatch } from "./handle-watch.ts";
import { type Leak, LeakError } from "./leak.ts";
import { ListenerWatch } from "./listener-watch.ts";
import { WorkWatch } from "./work-watch.ts";

/** Options of {@link checkLeaks}. */
export interface LeakCheckOptions {
  /** Emitters and event targets that outlive the code, to whom it may leave listeners; `process` always counts. */
  readonly emitters?: Iterable<EventEmitter | EventTarget>;
  /** Says which leaks are none: what a library keeps on purpose, for example. */
  readonly ignore?: (leak: Leak) => boolean;
  /**
   * How long handles and listeners may take to go: Node closes a socket some turns after it is told to. Real time, also
   * in a simulation, and only spent while something is left. Default: `"500ms"`.
   */
  readonly grace?: Duration;
}

/** A check that is under way; made by {@link checkLeaks} without a function. Leaving its block ends it. */
export interface LeakCheck extends Disposable, AsyncDisposable {
  /** What would be a leak if the block ended now. */
  leaks(): readonly Leak[];
}

/**
 * Finds what a piece of code leaves behind: tasks, waits that nobody awaits, callbacks of `callLater` and `callAt`,
 * listeners on `process` and on the given emitters, and the host's handles (timers, sockets, servers, child processes,
 * workers, watchers, files). Throws a {@link LeakError} that names each, with the place where it was made if that is known.
 *
 * **With a function**, that runs as in a `run` of its own, in the current run's scope: it owns its tasks, `detached` work
 * and resources. When the function has ended, everything else must have, or end within a turn of the host's loop (handles
 * and listeners: within the grace). Then what is left is cancelled and awaited, so the next test starts clean. Returns
 * the function's value; if it throws, that error comes out, and nothing is checked. Cancelling the caller cancels it.
 *
 *     await checkLeaks(async () => {
 *       await using connection = await connect("192.0.2.1");
 *       await connection.query("select 1");
 *     });
 *
 * **Without one**, the rest of the block is checked, and nothing is cancelled. With `await using`, handles and listeners
 * have the same time; with `using` everything must be gone at the end of the block. If the block throws as well, JavaScript
 * wraps both errors in a `SuppressedError`.
 *
 *     await using check = checkLeaks();
 *     const task = createTask(() => sleepForever());
 *     console.log(check.leaks().length); // 1
 *     await task.cancelAndWait();
 *
 * Handles and listeners count if this code or what it called made them (by async context). Not seen are handles that
 * are unref'd, and files that were opened without `fs.promises`.
 */
export function checkLeaks(options?: LeakCheckOptions): LeakCheck;
export function checkLeaks<T>(body: (() => T | PromiseLike<T>) | Coroutine<T>, options?: LeakCheckOptions): Promise<T>;
export function checkLeaks<T>(
  first: (() => T | PromiseLike<T>) | Coroutine<T> | LeakCheckOptions = {},
  options: LeakCheckOptions = {},
): LeakCheck | Promise<T> {
  const isBody = typeof first !== "object" || isThenable(first);
  return isBody ? checkBody(taskBody(first, "checkLeaks"), options) : new BlockCheck(first);
}

async function checkBody<T>(body: () => T | PromiseLike<T>, options: LeakCheckOptions): Promise<T> {
  return run(
    async () => {
      const watch = new Watch(options, currentRunScope() as RunScope);
      try {
        // A task of its own: what it acquires with `resource` is closed at its end.
        const value = await createTask(() => watched.run(watch, body), { name: "checkLeaks" });
        await watch.expectNone();
        return value;
      } finally {
        watch.cancelCalls();
        watch.stop();
      }
    },
    { name: "checkLeaks", signals: [] },
  );
}

/** The watch that belongs to the code that runs now. */
const watched = new AsyncLocalStorage<Watch>();

class BlockCheck implements LeakCheck {
  private readonly watch: Watch;
  private readonly around: Watch | undefined;

  constructor(options: LeakCheckOptions) {
    this.watch = new Watch(options, currentRunScope() ?? rootScope);
    this.around = watched.getStore();
    watched.enterWith(this.watch);
  }

  leaks(): readonly Leak[] {
    return this.watch.leaks();
  }

  [Symbol.dispose](): void {
    try {
      const leaks = this.leaks();
      if (leaks.length > 0) throw new LeakError(leaks);
    } finally {
      this.end();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.watch.expectNone();
    } finally {
      this.end();
    }
  }

  private end(): void {
    this.watch.stop();
    watched.enterWith(this.around as Watch);
  }
}

/** Everything that is looked at, from now until {@link stop}. */
class Watch {
  private readonly work: WorkWatch;
  /** What Node needs some time to let go of. */
  private readonly host: readonly (HandleWatch | ListenerWatch)[];
  private readonly ignore: (leak: Leak) => boolean;
  private readonly grace: number;

  constructor(options: LeakCheckOptions, scope: Scope) {
    this.ignore = options.ignore ?? (() => false);
    this.grace = toMilliseconds(options.grace ?? "500ms", "checkLeaks: grace");
    const isWatched = (): boolean => watched.getStore() === this;
    const emitters = new Set<EventEmitter | EventTarget>([process, ...(options.emitters ?? [])]);
    this.host = [...[...emitters].map((emitter) => new ListenerWatch(emitter, isWatched)), new HandleWatch(isWatched)];
    this.work = new WorkWatch(scope, currentTask()?.scope, isWatched);
  }

  leaks(): Leak[] {
    return [...this.work.leaks(), ...this.hostLeaks()].filter((leak) => !this.ignore(leak));
  }

  private hostLeaks(): Leak[] {
    return this.host.flatMap((watch) => watch.leaks()).filter((leak) => !this.ignore(leak));
  }

  /** @throws LeakError if something is left that does not go soon. */
  async expectNone(): Promise<void> {
    const { loop } = currentScope();
    const end = performance.now() + this.grace;
    // A simulation's clock must not jump to what is left behind.
    loop.holdForeign();
    try {
      await hostTurn();
      while (this.hostLeaks().length > 0 && performance.now() < end) await hostTurn();
    } finally {
      loop.releaseForeign();
    }
    const leaks = this.leaks();
    if (leaks.length > 0) throw new LeakError(leaks);
  }

  cancelCalls(): void {
    this.work.cancelCalls();
  }

  stop(): void {
    for (const watch of this.host) watch.stop();
  }
}

/** Two immediates: the first may run in the turn that is under way. */
function hostTurn(): Promise<void> {
  return new Promise((resolve) => inEmptyContext(setImmediate, () => setImmediate(resolve)));
}
