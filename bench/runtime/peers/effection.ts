import {
  action,
  all,
  createQueue,
  race,
  run,
  scoped,
  sleep,
  spawn,
  withResolvers,
  type Operation,
  type Task,
} from "effection";
import type { Cells } from "../cells.ts";
import { dueMoment, heapInUse, spinUntil, stopwatch } from "../stopwatch.ts";
import { countInOrder, numbers } from "../work.ts";

/** Effection 4: a task is a generator in a scope, a group is `scoped`, a wait `withResolvers`. It has neither locks nor limits. */
export const cells: Cells = {
  suspend: (n) =>
    run(function* () {
      let woken = 0;
      const wake: (() => void)[] = [() => {}, () => {}];
      function* player(mine: 0 | 1): Operation<void> {
        for (let turn = 0; turn < n / 2; turn += 1) {
          const myTurn = withResolvers<void>();
          wake[mine] = () => myTurn.resolve();
          wake[1 - mine]?.();
          yield* myTurn.operation;
          woken += 1;
        }
        wake[1 - mine]?.();
      }
      const watch = stopwatch();
      yield* all([player(0), player(1)]);
      return watch(woken);
    }),

  spawn: (n) =>
    run(function* () {
      let done = 0;
      const watch = stopwatch();
      for (let batch = 0; batch < n / 1_000; batch += 1) {
        yield* scoped(function* () {
          const tasks: Task<void>[] = [];
          for (let index = 0; index < 1_000; index += 1) {
            // oxlint-disable-next-line eslint/require-yield -- it returns at once
            const task = yield* spawn(function* () {
              done += 1;
            });
            tasks.push(task);
          }
          for (const task of tasks) yield* task;
        });
      }
      return watch(done);
    }),

  "spawn-sleep": (n) =>
    run(function* () {
      let done = 0;
      const watch = stopwatch();
      yield* scoped(function* () {
        const tasks: Task<void>[] = [];
        for (let index = 0; index < n; index += 1) {
          const task = yield* spawn(function* () {
            yield* sleep(1);
            done += 1;
          });
          tasks.push(task);
        }
        for (const task of tasks) yield* task;
      });
      return watch(done);
    }),

  "queue-unbounded": (n) =>
    run(function* () {
      const queue = createQueue<number, void>();
      let taken = 0;
      const watch = stopwatch();
      yield* scoped(function* () {
        const get = yield* spawn(function* () {
          for (let count = 0; count < n; count += 1) {
            yield* queue.next();
            taken += 1;
          }
        });
        for (let item = 0; item < n; item += 1) queue.add(item);
        yield* get;
      });
      return watch(taken);
    }),

  gather: (n) =>
    run(function* () {
      const watch = stopwatch();
      return watch(countInOrder(yield* all(numbers(n).map(yieldOnce))));
    }),

  timeout: (n) =>
    run(function* () {
      let done = 0;
      function* expiry(): Operation<never> {
        yield* sleep(60_000);
        throw new Error("the time is up");
      }
      // oxlint-disable-next-line eslint/require-yield -- it returns at once
      function* body(): Operation<void> {
        done += 1;
      }
      const watch = stopwatch();
      for (let index = 0; index < n; index += 1) yield* race([body(), expiry()]);
      return watch(done);
    }),

  wake: (n) =>
    run(function* () {
      let done = 0;
      const moment = dueMoment(n, 0.5);
      let watch = stopwatch();
      yield* scoped(function* () {
        const tasks: Task<void>[] = [];
        for (let index = 0; index < n; index += 1) {
          const task = yield* spawn(function* () {
            yield* sleep(moment - performance.now());
            done += 1;
          });
          tasks.push(task);
        }
        yield* sleep(1);
        spinUntil(moment);
        watch = stopwatch();
        for (const task of tasks) yield* task;
      });
      return watch(done);
    }),

  cancel: (n) =>
    run(function* () {
      let cancelled = 0;
      let watch = stopwatch();
      yield* scoped(function* () {
        yield* spawnSleepers(n, () => (cancelled += 1));
        yield* sleep(1);
        watch = stopwatch();
      });
      return watch(cancelled);
    }),

  memory: (n) =>
    run(function* () {
      const before = yield* settled(heapInUse());
      const started = yield* spawnSleepers(n);
      yield* sleep(1);
      return { done: started, total: (yield* settled(heapInUse())) - before };
    }),
};

function* spawnSleepers(n: number, onEnd?: () => void): Operation<number> {
  for (let index = 0; index < n; index += 1) {
    void (yield* spawn(function* () {
      if (onEnd === undefined) yield* sleep(3_600_000);
      else {
        try {
          yield* sleep(3_600_000);
        } finally {
          onEnd();
        }
      }
    }));
  }
  return n;
}

function* yieldOnce<T>(value: T): Operation<T> {
  yield* action<void>((resolve) => {
    queueMicrotask(resolve);
    return () => {};
  });
  return value;
}

function settled<T>(promise: Promise<T>): Operation<T> {
  return action((resolve, reject) => {
    promise.then(resolve, reject);
    return () => {};
  });
}
