import { AsyncLocalStorage } from "node:async_hooks";
import { type CancelledError, type DeadlockError, InvalidStateError } from "../errors.ts";
import { currentScope, rootScope } from "../kernel/context.ts";
import { toMilliseconds } from "../kernel/duration.ts";
import type { Scope } from "../kernel/scope.ts";
import { suspend } from "../kernel/suspend.ts";
import type { Wait } from "../kernel/wait.ts";
import { followSignal } from "./cancel-scope.ts";
import type { Coroutine } from "./coroutine.ts";
import { taskBody } from "./create-task.ts";
import { watchForDeadlock } from "./deadlock.ts";
import { combineFailures } from "./failures.ts";
import { closeResources } from "./resource.ts";
import { defaultSignals, reportLeftOver, type RunOptions } from "./run.ts";
import { currentRunScope, RunScope } from "./run-scope.ts";
import { watchSignals } from "./signals.ts";
import { Task } from "./task.ts";

type State =
  | { readonly kind: "open" }
  | { readonly kind: "running" }
  | { readonly kind: "closed"; readonly ended: Promise<void> };

/**
 * A `run` with several mains, one after the other, in one scope and one async context: tasks that one of them leaves
 * over go on, and the next can talk to them. For a prompt that evaluates line by line, or a test suite.
 *
 *     await using runner = new Runner();
 *     const task = await runner.run(() => ({ task: createTask(() => fetchPage(url)) }));
 *     show(await runner.run(() => task.task));
 *
 * It ends as a whole: {@link close} (at the end of the `await using` block) cancels what is left over, and waits for it.
 * What ends a `run` early ends the runner: a signal, a deadlock of main, and the failure of a task that nobody looks at.
 * The main that runs then rejects as `run` does, and no other can be run.
 *
 *     open ──run()──▶ running ──main ends──▶ open
 *       │                └──cancelled, main ends──▶ closed
 *       └──close()─────────────────────────────────▶ closed
 */
export class Runner implements AsyncDisposable {
  readonly name: string;
  private readonly options: RunOptions;
  private readonly scope: RunScope;
  private readonly outermost: boolean;
  private readonly releaseDebug: () => void;
  private readonly inContext: <R>(run: () => R) => R;
  private readonly stopFollowing: () => void;
  /** Failures that nobody has looked at, and that no main or `close` has thrown. */
  private failures: unknown[] = [];
  private state: State = { kind: "open" };

  /**
   * The runner's mains and their tasks are cancelled with the scope in which it is made, and each main starts in the
   * async context of that moment. The options are those of `run`; signals and deadlocks are watched while a main runs.
   */
  constructor(options: RunOptions = {}) {
    const parent = currentScope();
    const grace = options.grace === undefined ? parent.grace : toMilliseconds(options.grace, "grace");
    this.options = options;
    this.name = options.name ?? "runner";
    this.outermost = currentRunScope() === null;
    this.scope = new RunScope(this.name, parent, options.loop ?? parent.loop, grace);
    this.scope.onUnretrieved =
      options.onUnhandledError ??
      ((error) => {
        this.failures.push(error);
        this.scope.cancel(error);
      });
    this.releaseDebug = this.scope.loop.claimDebug(options.debug);
    this.inContext = AsyncLocalStorage.snapshot();
    this.stopFollowing = followSignal(options.signal, this.scope);
  }

  /**
   * Runs a main function, and resolves to its value or rejects with its error. Cancelling the caller cancels main, and
   * waits until it has ended.
   * @throws InvalidStateError while another main runs, and once the runner was closed or cancelled: main is not called.
   */
  async run<T>(main: (() => T | PromiseLike<T>) | Coroutine<T>): Promise<T> {
    const body = taskBody(main, "Runner.run");
    if (this.state.kind === "closed") throw new InvalidStateError(`run: ${this.name} is closed`);
    if (this.state.kind === "running") {
      throw new InvalidStateError(`run: ${this.name} runs a main already: await it first, or use createTask in it`);
    }
    if (this.scope.own !== null) {
      throw new InvalidStateError(`run: ${this.name} was cancelled, and can only be closed`, { cause: this.scope.own });
    }
    const { signals = defaultSignals, drain } = this.options;
    const drainMs = drain === undefined ? undefined : toMilliseconds(drain, "drain");
    const signalsEnded = this.outermost ? watchSignals(this.scope, signals, drainMs) : (): void => {};
    let returnedValue = false;
    try {
      const value = await this.execute(body);
      returnedValue = true;
      return value;
    } finally {
      signalsEnded(returnedValue);
    }
  }

  private async execute<T>(body: () => T | PromiseLike<T>): Promise<T> {
    this.state = { kind: "running" };
    const main = new Task<T>(this.scope, this.scope, body, "main");
    main.retrieved = true;
    this.scope.adopt(main);
    this.inContext(() => main.startSoon());
    const { cancellation = this.scope.effective, deadlock } = await this.untilEnded(main);
    // Closing awaits what is left over, so one that is stuck for good is left alone.
    if (!main.done()) this.state = { kind: "closed", ended: Promise.resolve() };
    else if (this.scope.own !== null) await this.ended();
    else this.state = { kind: "open" };
    if (deadlock !== undefined) throw deadlock;
    const failures = this.takeFailures();
    if (main.status === "failed") failures.unshift(main.payload);
    if (failures.length > 0) throw combineFailures(failures, this.name);
    // A main that was cancelled on its own, and then with its runner, ends by what came from further out.
    if (main.status === "cancelled" && cancellation !== null) throw cancellation;
    return main.result();
  }

  /** Waits until main has ended, or until that is impossible. Tells whether the caller was cancelled meanwhile. */
  private async untilEnded(
    main: Task<unknown>,
  ): Promise<{ readonly cancellation?: CancelledError; readonly deadlock: DeadlockError | undefined }> {
    let giveUp = (): void => {};
    const ended = (uncancellable: boolean): Promise<void> =>
      suspend<void>(
        `main of ${this.name}`,
        (wait) => {
          wait.target = main;
          giveUp = () => wait.resolve();
          return main.observe(giveUp);
        },
        { uncancellable },
      );
    const stopWatching = this.watchForDeadlock(() => giveUp());
    try {
      await ended(false);
      return { deadlock: stopWatching() };
    } catch (error) {
      const cancellation = error as CancelledError;
      main.cancel(cancellation);
      if (!main.done()) await ended(true);
      return { cancellation, deadlock: stopWatching() };
    }
  }

  private watchForDeadlock(giveUp: () => void): () => DeadlockError | undefined {
    if (!this.outermost || this.scope.loop !== rootScope.loop) return () => undefined;
    return watchForDeadlock(this.scope, giveUp);
  }

  /**
   * Cancels what is left over, a main that runs included, waits until all has ended, and closes its resources. The
   * errors that left-over tasks throw then are reported; a failure that no main has thrown is thrown here. Outlives a
   * cancellation of the caller. Closing twice is harmless.
   * @throws InvalidStateError inside the runner's own tasks, which would wait for their own end.
   */
  async close(): Promise<void> {
    if (isInside(currentScope(), this.scope)) {
      throw new InvalidStateError(`close: this task belongs to ${this.name}, and would wait for its own end`);
    }
    await this.ended();
    const failures = this.takeFailures();
    if (failures.length > 0) throw combineFailures(failures, this.name);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  private ended(): Promise<void> {
    if (this.state.kind !== "closed") this.state = { kind: "closed", ended: this.end() };
    return this.state.ended;
  }

  private async end(): Promise<void> {
    const { scope } = this;
    scope.judgeAll();
    scope.onUnretrieved = this.options.onUnhandledError ?? reportLeftOver;
    scope.cancel("the runner was closed");
    if (scope.tasks.size > 0) await this.leftOversEnded();
    scope.judgeAll();
    this.failures.push(...(await closeResources(scope)));
    scope.end();
    this.releaseDebug();
    this.stopFollowing();
  }

  private async leftOversEnded(): Promise<void> {
    let giveUp = (): void => {};
    const stopWatching = this.watchForDeadlock(() => giveUp());
    const start = (wait: Wait<void>): void => {
      wait.target = this.scope.tasks;
      giveUp = () => wait.resolve();
      this.scope.onIdle = giveUp;
    };
    await suspend<void>(`left-over tasks of ${this.name}`, start, { uncancellable: true });
    const deadlock = stopWatching();
    if (deadlock !== undefined) this.failures.push(deadlock);
  }

  private takeFailures(): unknown[] {
    const { failures } = this;
    this.failures = [];
    return failures;
  }
}

function isInside(from: Scope, ancestor: Scope): boolean {
  for (let scope: Scope | null = from; scope !== null; scope = scope.parent) if (scope === ancestor) return true;
  return false;
}
