import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Runs a function in the async context in which this module was loaded: the empty one.
 *
 * Host timers, immediates and process listeners keep alive the context that armed them, and with it all that a
 * request's `AsyncLocalStorage`s hold. Those of tsyncio serve everybody, so they are created in here.
 */
export const inEmptyContext: <R, A extends unknown[]>(run: (...args: A) => R, ...args: A) => R =
  AsyncLocalStorage.snapshot();
