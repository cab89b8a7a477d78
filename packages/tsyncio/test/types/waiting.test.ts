import { test } from "node:test";
import { expectTypeOf } from "expect-type";
import { asCompleted, type Coroutine, Future, staggered, type Task, wait } from "../../src/index.ts";

declare const task: Task<boolean>;
declare const future: Future<Date>;
declare const lazy: Coroutine<bigint>;
declare const promise: Promise<string>;
const number = (): number => 1;
const text = async (): Promise<string> => "text";

// The compiler is the test: these functions are never called.
export function waiting(): void {
  expectTypeOf(wait([task])).resolves.toEqualTypeOf<{
    readonly done: Set<Task<boolean>>;
    readonly pending: Set<Task<boolean>>;
  }>();
  expectTypeOf(wait(new Set([task, future]))).resolves.toExtend<{ readonly done: Set<Task<boolean> | Future<Date>> }>();
  // @ts-expect-error -- wait only borrows: a function must be started first
  void wait([number]);
  // @ts-expect-error -- nor does it know when a native promise has settled
  void wait([promise]);
  // @ts-expect-error -- there are three conditions
  void wait([task], { returnWhen: "FIRST" });
}

export async function completing(): Promise<void> {
  for await (const { task: each } of asCompleted([text, number])) {
    expectTypeOf(each).toEqualTypeOf<Task<string> | Task<number>>();
    expectTypeOf(each.result()).toEqualTypeOf<string | number>();
  }
  for await (const { task: each } of asCompleted([task, future, lazy])) {
    expectTypeOf(each).toEqualTypeOf<Task<boolean> | Future<Date> | Task<bigint>>();
  }
  // @ts-expect-error -- a native promise already runs and cannot be cancelled
  asCompleted([text, promise]);
}

export function staggering(): void {
  expectTypeOf(staggered([text, number, lazy], "250ms")).resolves.toEqualTypeOf<string | number | bigint>();
  // @ts-expect-error -- what runs already cannot start later
  void staggered([promise], "250ms");
  // @ts-expect-error -- the delay is what makes it staggered
  void staggered([text]);
}

void test("the types of waiting hold: the compiler checks the functions in this file", () => {});
