import PQueue from "p-queue";
import type { Cells, Measurement } from "../cells.ts";
import { stopwatch } from "../stopwatch.ts";
import { countInOrder, numbers, settled, yieldOnce } from "../work.ts";

/** p-queue: a queue of calls, so many of which run at a time. A lock is a queue of one. */
export const cells: Cells = {
  lock: (n) => contend(n, new PQueue({ concurrency: 1 })),
  semaphore: (n) => contend(n, new PQueue({ concurrency: 10 })),

  async map(n) {
    const queue = new PQueue({ concurrency: 10 });
    const watch = stopwatch();
    return watch(countInOrder(await queue.addAll(numbers(n).map((item) => () => yieldOnce(item)))));
  },
};

async function contend(n: number, queue: PQueue): Promise<Measurement> {
  let entered = 0;
  const inside = async (): Promise<void> => {
    entered += 1;
    await settled;
  };
  const contender = async (): Promise<void> => {
    for (let turn = 0; turn < n / 100; turn += 1) await queue.add(inside);
  };
  const watch = stopwatch();
  await Promise.all(numbers(100).map(contender));
  return watch(entered);
}
