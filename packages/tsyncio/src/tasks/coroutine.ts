import { InvalidStateError } from "../errors.ts";
import { isBranded } from "../kernel/brand.ts";
import { currentScope } from "../kernel/context.ts";
import { debugging } from "../kernel/debug/debugging.ts";
import { describeValue } from "../kernel/values.ts";

const brand: unique symbol = Symbol.for("tsyncio.coroutine") as never;

/**
 * A call of a {@link coroutine} that has not begun. Nothing runs until it is awaited (then inside the awaiter's task) or handed to
 * `createTask`, `gather` and the like. It can be run once.
 */
export class Coroutine<T> implements PromiseLike<T> {
  static [Symbol.hasInstance](value: unknown): boolean {
    return isBranded(this, Coroutine, brand, value);
  }

  readonly name: string;
  private call: (() => Promise<T>) | null;

  /** @internal */
  constructor(name: string, call: () => Promise<T>) {
    this.name = name;
    this.call = call;
    if (debugging.loops === 0) return;
    const scope = currentScope();
    scope.loop.debugHooks?.coroutineCreated(this, scope);
  }

  /** @internal */
  get [brand](): true {
    return true;
  }

  /** Begins the call. @throws InvalidStateError the second time. @internal */
  run(): Promise<T> {
    const { call } = this;
    if (call === null) {
      throw new InvalidStateError(
        `the coroutine ${this.name}() has been awaited already: call ${this.name} again for a second run`,
      );
    }
    this.call = null;
    this.taken();
    return call();
  }

  /** Somebody sees to it: for debug mode, which reports those that nobody awaits. @internal */
  taken(): void {
    if (debugging.loops > 0) currentScope().loop.debugHooks?.coroutineTaken(this);
  }

  // oxlint-disable-next-line unicorn/no-thenable -- being awaitable is its purpose
  then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((error: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    return this.begin().then(onFulfilled, onRejected);
  }

  catch<B = never>(onRejected?: ((error: unknown) => B | PromiseLike<B>) | null): Promise<T | B> {
    return this.begin().catch(onRejected);
  }

  finally(onFinally?: (() => void) | null): Promise<T> {
    return this.begin().finally(onFinally);
  }

  private async begin(): Promise<T> {
    return this.run();
  }
}

/**
 * Makes a function whose calls are lazy, like those of Python's `async def`.
 *
 *     const fetchUrl = coroutine(async (url: string) => fetchPage(url));
 *     const tasks = urls.map((url) => fetchUrl(url)); // nothing runs yet
 *     const pages = await gather(tasks);
 */
export function coroutine<A extends unknown[], T>(
  fn: (...args: A) => T | PromiseLike<T>,
): (...args: A) => Coroutine<Awaited<T>> {
  if (typeof fn !== "function") {
    throw new TypeError(`coroutine: expected a function, got ${describeValue(fn)}`);
  }
  const name = fn.name === "" ? "anonymous" : fn.name;
  return (...args) => new Coroutine(name, () => call(fn, args));
}

async function call<A extends unknown[], T>(fn: (...args: A) => T | PromiseLike<T>, args: A): Promise<Awaited<T>> {
  return await fn(...args);
}
