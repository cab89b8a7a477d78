import pLimit, { type LimitFunction } from "p-limit";
import type { Cells, Measurement } from "../cells.ts";
import { stopwatch } from "../stopwatch.ts";
import { countInOrder, numbers, settled, yieldOnce } from "../work.ts";

/** p-limit: a function that lets so many calls through at a time. A lock is a limit of one. */
export const cells: Cells = {
  lock: (n) => contend(n, pLimit(1)),
  semaphore: (n) => contend(n, pLimit(10)),

  async map(n) {
    const limit = pLimit(10);
    const watch = stopwatch();
    return watch(countInOrder(await limit.map(numbers(n), yieldOnce)));
  },
};

async function contend(n: number, limit: LimitFunction): Promise<Measurement> {
  let entered = 0;
  const inside = async (): Promise<void> => {
    entered += 1;
    await settled;
  };
  const contender = async (): Promise<void> => {
    for (let turn = 0; turn < n / 100; turn += 1) await limit(inside);
  };
  const watch = stopwatch();
  await Promise.all(numbers(100).map(contender));
  return watch(entered);
}
