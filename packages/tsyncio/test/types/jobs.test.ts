import { test } from "node:test";
import { expectTypeOf } from "expect-type";
import {
  cancelScope,
  type CancelScope,
  type Coroutine,
  coroutine,
  createTask,
  type Duration,
  firstSuccess,
  Future,
  gather,
  map,
  moveOnAfter,
  race,
  run,
  select,
  shield,
  sleep,
  suspend,
  type Task,
  taskGroup,
  type Timeout,
  timeout,
  waitFor,
  type Wait,
  withSignal,
} from "../../src/index.ts";

declare const task: Task<boolean>;
declare const future: Future<Date>;
declare const lazy: Coroutine<bigint>;
declare const promise: Promise<string>;
const number = (): number => 1;
const text = async (): Promise<string> => "text";

// The compiler is the test: these functions are never called.
export function gathering(): void {
  expectTypeOf(gather([number, text, task, future, lazy])).resolves.toEqualTypeOf<
    [number, string, boolean, Date, bigint]
  >();
  expectTypeOf(gather([] as (() => Promise<string>)[])).resolves.toEqualTypeOf<string[]>();
  expectTypeOf(gather([number, text], { returnExceptions: true })).resolves.toEqualTypeOf<
    [number | Error, string | Error]
  >();
  expectTypeOf(gather([number, text], { settled: true })).resolves.toEqualTypeOf<
    [PromiseSettledResult<number>, PromiseSettledResult<string>]
  >();
  // @ts-expect-error -- a native promise already runs: "pass () => f(), or declare f with coroutine()"
  void gather([number, promise]);
  // @ts-expect-error -- a value is no job
  void gather([5]);
}

export function competing(): void {
  expectTypeOf(race([number, text, task])).resolves.toEqualTypeOf<number | string | boolean>();
  expectTypeOf(firstSuccess([future, lazy])).resolves.toEqualTypeOf<Date | bigint>();
  // @ts-expect-error -- a native promise cannot be cancelled when it loses
  void race([number, promise]);
}

export function mapping(): void {
  expectTypeOf(map([1, 2], async (n) => String(n))).resolves.toEqualTypeOf<string[]>();
  expectTypeOf(map(new Set(["a"]), (item, index) => [item, index] as const)).resolves.toEqualTypeOf<
    (readonly [string, number])[]
  >();
  const lines = async function* (): AsyncGenerator<Buffer> {};
  expectTypeOf(map(lines(), (line) => line.length, { limit: 2, ordered: false })).resolves.toEqualTypeOf<number[]>();
}

export function bounding(): void {
  expectTypeOf(waitFor(text, "1s")).resolves.toEqualTypeOf<string>();
  expectTypeOf(waitFor(task, null)).resolves.toEqualTypeOf<boolean>();
  expectTypeOf(timeout("1s", number)).resolves.toEqualTypeOf<number>();
  expectTypeOf(timeout).parameter(1).parameter(0).toEqualTypeOf<Timeout>();
  expectTypeOf(moveOnAfter("1s", text)).resolves.toEqualTypeOf<string | undefined>();
  expectTypeOf(moveOnAfter("1s", text, 5)).resolves.toEqualTypeOf<string | number>();
  expectTypeOf(cancelScope((scope) => (expectTypeOf(scope).toEqualTypeOf<CancelScope>(), 1))).resolves.toEqualTypeOf<
    number | undefined
  >();
  expectTypeOf(shield(text)).resolves.toEqualTypeOf<string>();
  // @ts-expect-error -- a native promise already runs and cannot be cancelled
  void waitFor(promise, "1s");
  // @ts-expect-error -- nor can it be shielded
  void shield(promise);
}

export function durations(): void {
  expectTypeOf<"250ms">().toExtend<Duration>();
  expectTypeOf<"1.5s">().toExtend<Duration>();
  expectTypeOf<"5m">().toExtend<Duration>();
  expectTypeOf<"2h">().toExtend<Duration>();
  expectTypeOf<number>().toExtend<Duration>();
  expectTypeOf<"5 minutes">().not.toExtend<Duration>();
  expectTypeOf<"ms">().not.toExtend<Duration>();
  expectTypeOf(sleep("1s")).resolves.toEqualTypeOf<void>();
  expectTypeOf(sleep("1s", "value" as const)).resolves.toEqualTypeOf<"value">();
  // @ts-expect-error -- days are no unit of a duration
  void sleep("1d");
}

export function tasks(): void {
  expectTypeOf(createTask(text)).toEqualTypeOf<Task<string>>();
  expectTypeOf(createTask(lazy)).toEqualTypeOf<Task<bigint>>();
  expectTypeOf(coroutine(async (url: string, depth?: number) => url.length + (depth ?? 1))).toEqualTypeOf<
    (url: string, depth?: number) => Coroutine<number>
  >();
  expectTypeOf(run(text)).resolves.toEqualTypeOf<string>();
  expectTypeOf(task.result()).toEqualTypeOf<boolean>();
  expectTypeOf(future.then((date) => date.getTime())).resolves.toEqualTypeOf<number>();
  expectTypeOf(taskGroup((group) => group.createTask(number).then())).resolves.toEqualTypeOf<number>();
  expectTypeOf(
    suspend<number>("a number", (wait) => expectTypeOf(wait).toEqualTypeOf<Wait<number>>() as never),
  ).resolves.toEqualTypeOf<number>();
  expectTypeOf(
    withSignal((signal) => (expectTypeOf(signal).toEqualTypeOf<AbortSignal>(), 1)),
  ).resolves.toEqualTypeOf<number>();
  // @ts-expect-error -- a promise is not a function to run
  createTask(promise);
}

export function selecting(): void {
  expectTypeOf(select({ task, future })).resolves.toEqualTypeOf<
    { readonly key: "task"; readonly value: boolean } | { readonly key: "future"; readonly value: Date }
  >();
  // @ts-expect-error -- a native promise cannot be left without a trace
  void select({ promise });
}

void test("the types of jobs hold: the compiler checks the functions in this file", () => {});
