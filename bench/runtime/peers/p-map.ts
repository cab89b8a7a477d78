import pMap from "p-map";
import type { Cells } from "../cells.ts";
import { stopwatch } from "../stopwatch.ts";
import { countInOrder, numbers, yieldOnce } from "../work.ts";

/** p-map: a function over an iterable, so many calls at a time. */
export const cells: Cells = {
  async gather(n) {
    const watch = stopwatch();
    return watch(countInOrder(await pMap(numbers(n), yieldOnce)));
  },

  async map(n) {
    const watch = stopwatch();
    return watch(countInOrder(await pMap(numbers(n), yieldOnce, { concurrency: 10 })));
  },
};
