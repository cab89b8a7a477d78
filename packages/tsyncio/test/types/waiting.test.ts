import { EventEmitter } from "node:events";
import { test } from "node:test";
import { expectTypeOf } from "expect-type";
import {
  asCompleted,
  type Coroutine,
  type EventIterator,
  Future,
  type Lease,
  limiter,
  type Lock,
  on,
  once,
  Runner,
  type Semaphore,
  staggered,
  type Task,
  wait,
} from "../../src/index.ts";

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
  for await (const each of asCompleted([text, number])) {
    expectTypeOf(each.result()).toEqualTypeOf<string | number>();
  }
  for await (const each of asCompleted([task, future, lazy])) {
    expectTypeOf(each.result()).toEqualTypeOf<boolean | Date | bigint>();
  }
  // @ts-expect-error -- a native promise already runs and cannot be cancelled
  asCompleted([text, promise]);
}

export async function locking(lock: Lock, semaphore: Semaphore): Promise<void> {
  using lease = await lock.acquire();
  expectTypeOf(lease).toEqualTypeOf<Lease>();
  // @ts-expect-error -- naming a lock does not take it
  using _lock = lock;
  // @ts-expect-error -- nor does a promise of its lease
  using _unawaited = semaphore.acquire();
}

export function staggering(): void {
  expectTypeOf(staggered([text, number, lazy], "250ms")).resolves.toEqualTypeOf<string | number | bigint>();
  // @ts-expect-error -- what runs already cannot start later
  void staggered([promise], "250ms");
  // @ts-expect-error -- the delay is what makes it staggered
  void staggered([text]);
}

export function listening(): void {
  const emitter = new EventEmitter();
  expectTypeOf(once(emitter, "data")).resolves.toEqualTypeOf<unknown[]>();
  expectTypeOf(once<[number]>(emitter, "data")).resolves.toEqualTypeOf<[number]>();
  expectTypeOf(once(new AbortController().signal, "abort")).resolves.toEqualTypeOf<[Event]>();
  expectTypeOf(once(process, "SIGUSR2")).resolves.toEqualTypeOf<unknown[]>();
  expectTypeOf(on<[Buffer]>(process.stdin, "data")).toEqualTypeOf<EventIterator<[Buffer]>>();
  expectTypeOf(on<[MessageEvent]>(new WebSocket("ws://localhost"), "message")).toEqualTypeOf<
    EventIterator<[MessageEvent]>
  >();
  // @ts-expect-error -- an object that emits nothing
  void once({}, "data");
}

export function limiting(): void {
  const limit = limiter(1);
  const measure = async (name: string, scale?: number): Promise<number> => name.length * (scale ?? 1);
  expectTypeOf(limit(measure, "name", 2)).resolves.toEqualTypeOf<number>();
  expectTypeOf(limit(text)).resolves.toEqualTypeOf<string>();
  // @ts-expect-error -- the arguments are those of the function
  void limit(measure, 5);
}

export function running(): void {
  const runner = new Runner();
  expectTypeOf(runner.run(text)).resolves.toEqualTypeOf<string>();
  expectTypeOf(runner.run(lazy)).resolves.toEqualTypeOf<bigint>();
  // @ts-expect-error -- a promise is not a function to run
  void runner.run(promise);
}

void test("the types of waiting hold: the compiler checks the functions in this file", () => {});
