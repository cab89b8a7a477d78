import { AsyncLocalStorage } from "node:async_hooks";
import type { Cells } from "../cells.ts";
import { dueMoment, heapInUse, spinUntil, stopwatch } from "../stopwatch.ts";
import { countInOrder, numbers, yieldOnce } from "../work.ts";

/**
 * The floor: what Node itself takes for the same work, when nobody can cancel it, name it or wait for its end. A task is
 * an async function in a context of its own (`run` with a fresh store), as every runtime needs that knows its current
 * task.
 */
const context = new AsyncLocalStorage<object>();

const spawn = <T>(body: () => Promise<T>): Promise<T> => context.run({}, body);

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

export const cells: Cells = {
  async suspend(n) {
    let woken = 0;
    const wake: (() => void)[] = [() => {}, () => {}];
    const player = async (mine: 0 | 1): Promise<void> => {
      for (let turn = 0; turn < n / 2; turn += 1) {
        const suspended = new Promise<void>((resolve) => (wake[mine] = resolve));
        wake[1 - mine]?.();
        await suspended;
        woken += 1;
      }
      wake[1 - mine]?.();
    };
    const watch = stopwatch();
    await Promise.all([spawn(() => player(0)), spawn(() => player(1))]);
    return watch(woken);
  },

  async spawn(n) {
    let done = 0;
    const watch = stopwatch();
    for (let batch = 0; batch < n / 1_000; batch += 1) {
      const tasks: Promise<void>[] = [];
      for (let index = 0; index < 1_000; index += 1) tasks.push(spawn(async () => void (done += 1)));
      await Promise.all(tasks);
    }
    return watch(done);
  },

  async "spawn-sleep"(n) {
    let done = 0;
    const watch = stopwatch();
    const tasks: Promise<void>[] = [];
    for (let index = 0; index < n; index += 1) {
      const body = async (): Promise<void> => {
        await sleep(1);
        done += 1;
      };
      tasks.push(spawn(body));
    }
    await Promise.all(tasks);
    return watch(done);
  },

  async gather(n) {
    const watch = stopwatch();
    return watch(countInOrder(await Promise.all(numbers(n).map((item) => spawn(() => yieldOnce(item))))));
  },

  async timeout(n) {
    let done = 0;
    const watch = stopwatch();
    for (let index = 0; index < n; index += 1) {
      await spawn(async () => {
        const timer = setTimeout(() => {}, 60_000);
        try {
          await (async () => void (done += 1))();
        } finally {
          clearTimeout(timer);
        }
      });
    }
    return watch(done);
  },

  async wake(n) {
    let done = 0;
    const moment = dueMoment(n);
    const tasks: Promise<void>[] = [];
    for (let index = 0; index < n; index += 1) {
      const body = async (): Promise<void> => {
        await sleep(moment - performance.now());
        done += 1;
      };
      tasks.push(spawn(body));
    }
    spinUntil(moment);
    const watch = stopwatch();
    await Promise.all(tasks);
    return watch(done);
  },

  async memory(n) {
    const before = await heapInUse();
    let started = 0;
    for (let index = 0; index < n; index += 1) {
      void spawn(async () => {
        started += 1;
        await sleep(3_600_000);
      });
    }
    return { done: started, total: (await heapInUse()) - before };
  },
};
