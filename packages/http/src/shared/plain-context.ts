import { AsyncLocalStorage } from "node:async_hooks";

/**
 * Calls a function in the async context in which this module was loaded: the empty one. Sockets and timers retain
 * the context that made them, and a pooled socket lives far longer than the request for which it was opened.
 */
export const inPlainContext: <R, A extends unknown[]>(run: (...args: A) => R, ...args: A) => R =
  AsyncLocalStorage.snapshot();
