import { Deferred, Effect, Fiber, Queue, Semaphore } from "effect";
import type { Cells, Measurement } from "../cells.ts";
import { dueMoment, heapInUse, spinUntil, stopwatch } from "../stopwatch.ts";
import { countInOrder, numbers } from "../work.ts";

/** Effect 4: a task is a fiber, a group what `forEach` and `forkChild` make, a wait a `Deferred`. */
export const cells: Cells = {
  suspend: (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let woken = 0;
        const turns = [Deferred.makeUnsafe<void>(), Deferred.makeUnsafe<void>()] as const;
        const waits = [...turns];
        const player = (mine: 0 | 1) =>
          Effect.gen(function* () {
            for (let turn = 0; turn < n / 2; turn += 1) {
              const suspended = Deferred.makeUnsafe<void>();
              waits[mine] = suspended;
              Deferred.doneUnsafe(waits[1 - mine] as Deferred.Deferred<void>, Effect.void);
              yield* Deferred.await(suspended);
              woken += 1;
            }
            Deferred.doneUnsafe(waits[1 - mine] as Deferred.Deferred<void>, Effect.void);
          });
        const watch = stopwatch();
        yield* Effect.all([player(0), player(1)], { concurrency: "unbounded" });
        return watch(woken);
      }),
    ),

  spawn: (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let done = 0;
        const child = Effect.gen(function* () {
          done += 1;
          yield* Effect.void;
        });
        const watch = stopwatch();
        for (let batch = 0; batch < n / 1_000; batch += 1) {
          const fibers: Fiber.Fiber<void>[] = [];
          for (let index = 0; index < 1_000; index += 1) fibers.push(yield* Effect.forkChild(child));
          yield* Fiber.joinAll(fibers);
        }
        return watch(done);
      }),
    ),

  "spawn-sleep": (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let done = 0;
        const child = Effect.gen(function* () {
          yield* Effect.sleep(1);
          done += 1;
        });
        const watch = stopwatch();
        yield* Effect.forEach(numbers(n), () => child, { concurrency: "unbounded", discard: true });
        return watch(done);
      }),
    ),

  "queue-unbounded": (n) => handOver(n, Queue.unbounded<number>(), 1),
  "queue-bounded": (n) => handOver(n, Queue.bounded<number>(16), 1),
  "queue-many": (n) => handOver(n, Queue.bounded<number>(16), 8),

  lock: (n) => contend(n, 1),
  semaphore: (n) => contend(n, 10),

  gather: (n) => mapAll(n, "unbounded"),
  map: (n) => mapAll(n, 10),

  timeout: (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let done = 0;
        const watch = stopwatch();
        for (let index = 0; index < n; index += 1) {
          yield* Effect.gen(function* () {
            done += 1;
            yield* Effect.void;
          }).pipe(Effect.timeout("1 minute"));
        }
        return watch(done);
      }),
    ),

  wake: (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let done = 0;
        const moment = dueMoment(n);
        const fibers: Fiber.Fiber<void>[] = [];
        for (let index = 0; index < n; index += 1) {
          const child = Effect.gen(function* () {
            yield* Effect.sleep(moment - performance.now());
            done += 1;
          });
          fibers.push(yield* Effect.forkChild(child));
        }
        yield* Effect.sleep(1);
        spinUntil(moment);
        const watch = stopwatch();
        yield* Fiber.awaitAll(fibers);
        return watch(done);
      }),
    ),

  cancel: (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        let cancelled = 0;
        const fibers = yield* forkSleepers(n, () => (cancelled += 1));
        yield* Effect.sleep(1);
        const watch = stopwatch();
        yield* Fiber.interruptAll(fibers);
        return watch(cancelled);
      }),
    ),

  memory: (n) =>
    Effect.runPromise(
      Effect.gen(function* () {
        const before = yield* Effect.promise(heapInUse);
        const fibers = yield* forkSleepers(n);
        yield* Effect.sleep(1);
        const held = (yield* Effect.promise(heapInUse)) - before;
        return { done: fibers.length, total: held };
      }),
    ),
};

function forkSleepers(n: number, onEnd?: () => void): Effect.Effect<Fiber.Fiber<void>[]> {
  return Effect.gen(function* () {
    const sleeper = Effect.gen(function* () {
      yield* Effect.sleep("1 hour");
    });
    const child = onEnd === undefined ? sleeper : sleeper.pipe(Effect.ensuring(Effect.sync(onEnd)));
    const fibers: Fiber.Fiber<void>[] = [];
    for (let index = 0; index < n; index += 1) fibers.push(yield* Effect.forkChild(child));
    return fibers;
  });
}

function handOver(n: number, make: Effect.Effect<Queue.Queue<number>>, parties: number): Promise<Measurement> {
  return Effect.runPromise(
    Effect.gen(function* () {
      const queue = yield* make;
      let taken = 0;
      const share = n / parties;
      const put = Effect.gen(function* () {
        for (let item = 0; item < share; item += 1) yield* Queue.offer(queue, item);
      });
      const get = Effect.gen(function* () {
        for (let count = 0; count < share; count += 1) {
          yield* Queue.take(queue);
          taken += 1;
        }
      });
      const all = numbers(parties).flatMap(() => [put, get]);
      const watch = stopwatch();
      yield* Effect.all(all, { concurrency: "unbounded", discard: true });
      return watch(taken);
    }),
  );
}

function contend(n: number, permits: number): Promise<Measurement> {
  return Effect.runPromise(
    Effect.gen(function* () {
      const semaphore = yield* Semaphore.make(permits);
      let entered = 0;
      const inside = Effect.gen(function* () {
        entered += 1;
        yield* Effect.yieldNow;
      });
      const contender = Effect.gen(function* () {
        for (let turn = 0; turn < n / 100; turn += 1) yield* semaphore.withPermits(1)(inside);
      });
      const watch = stopwatch();
      yield* Effect.forEach(numbers(100), () => contender, { concurrency: "unbounded", discard: true });
      return watch(entered);
    }),
  );
}

function mapAll(n: number, concurrency: number | "unbounded"): Promise<Measurement> {
  const call = (item: number): Effect.Effect<number> => Effect.as(Effect.yieldNow, item);
  return Effect.runPromise(
    Effect.gen(function* () {
      const watch = stopwatch();
      return watch(countInOrder(yield* Effect.forEach(numbers(n), call, { concurrency })));
    }),
  );
}
