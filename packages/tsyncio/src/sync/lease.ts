/**
 * The right to something that is limited: a lock, or permits of a semaphore. It is given back by `release()` or by
 * leaving the block of a `using`, whichever comes first; giving it back again does nothing.
 *
 *     const lock = new Lock();
 *     {
 *       using lease = await lock.acquire();
 *       console.log(lock.locked()); // true
 *     }
 *     console.log(lock.locked()); // false
 */
export interface Lease extends Disposable {
  /** Gives it back. Never waits; does nothing if it was given back already. */
  release(): void;
}

/**
 * Lets `using x = lock` fail at its start and say what is missing. The compiler refuses it already; to plain JavaScript
 * the engine would only say that something is not a function.
 */
export function refuseUsing(guard: { readonly name: string; readonly prototype: object }): void {
  Object.defineProperty(guard.prototype, Symbol.dispose, {
    get(this: object): never {
      throw new TypeError(
        `a ${this.constructor.name} is not held by naming it: write \`using lease = await ${guard.name.toLowerCase()}.acquire()\``,
      );
    },
  });
}
