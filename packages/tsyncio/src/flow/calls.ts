import { describeValue, expectFunction } from "../kernel/values.ts";
import type { CallBounds, CallSettings } from "./map-stage.ts";
import type { CallOptions, CostlyThrough, Through } from "./options.ts";

/** A function of an item, and of its place, as {@link Flow.map} takes it. */
export type ItemFunction<I, O> = (item: I, index: number) => O | PromiseLike<O>;

/** How a call is wrapped: retried, limited… */
export type Wrapper<I> = <O>(call: () => Promise<O>, item: I) => Promise<O>;

/**
 * The settings of a stage that calls `fn`.
 * @throws TypeError, RangeError for options that make no sense.
 */
export function callSettings<I, O>(fn: ItemFunction<I, O>, options: CallOptions, operator: string): CallSettings<I, O> {
  expectFunction(fn, operator);
  return { call: fn, ...callBounds(options, operator, fn.name === "" ? operator : fn.name) };
}

/** @throws RangeError for a limit that is none. */
export function callBounds(options: CallOptions, operator: string, name: string): CallBounds {
  const { limit = 1, ordered = true } = options;
  if (Number.isInteger(limit) && limit >= 1) return { name: options.name ?? name, limit, ordered };
  throw new RangeError(
    `${operator}: limit: expected a whole number from 1 on, as a flow is bounded everywhere, got ${describeValue(limit)}`,
  );
}

/** The same calls, wrapped. */
export function wrapped<I, O>(settings: CallSettings<I, O>, wrapper: Wrapper<I>): CallSettings<I, O> {
  const { call } = settings;
  return { ...settings, call: (item, index) => wrapper(async () => await call(item, index), item) };
}

/** @throws TypeError for what is not a limiter. */
export function throughWrapper<I, C>(
  limiter: Through | CostlyThrough<C>,
  cost: ((item: I) => C) | undefined,
): Wrapper<I> {
  if (typeof limiter === "function") return (call) => limiter(call) as ReturnType<typeof call>;
  if (typeof (limiter as { run?: unknown } | null)?.run !== "function") {
    throw new TypeError(`through: expected a function or an object with run(), got ${describeValue(limiter)}`);
  }
  if (cost === undefined) return (call) => (limiter as { run(fn: unknown): never }).run(call);
  return (call, item) => (limiter as CostlyThrough<C>).run(cost(item), call) as ReturnType<typeof call>;
}
