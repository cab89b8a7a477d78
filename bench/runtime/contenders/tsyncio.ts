import {
  gather,
  Lock,
  map,
  Queue,
  run,
  Semaphore,
  sleep,
  sleepUntil,
  suspend,
  taskGroup,
  timeout,
  type Wait,
} from "tsyncio";
import type { Cells, Measurement } from "../cells.ts";
import { dueMoment, heapInUse, spinUntil, stopwatch } from "../stopwatch.ts";
import { countInOrder, numbers, settled, yieldOnce } from "../work.ts";

export const cells: Cells = {
  suspend: (n) =>
    run(async () => {
      let woken = 0;
      const waits: (Wait<void> | null)[] = [null, null];
      const player = async (mine: 0 | 1): Promise<void> => {
        for (let turn = 0; turn < n / 2; turn += 1) {
          const suspended = suspend<void>("my turn", (wait) => {
            waits[mine] = wait;
          });
          waits[1 - mine]?.resolve();
          await suspended;
          woken += 1;
        }
        waits[1 - mine]?.resolve();
      };
      const watch = stopwatch();
      await gather([() => player(0), () => player(1)]);
      return watch(woken);
    }),

  spawn: (n) =>
    run(async () => {
      let done = 0;
      const watch = stopwatch();
      for (let batch = 0; batch < n / 1_000; batch += 1) {
        await taskGroup(async (group) => {
          for (let index = 0; index < 1_000; index += 1) group.createTask(async () => void (done += 1));
        });
      }
      return watch(done);
    }),

  "spawn-sleep": (n) =>
    run(async () => {
      let done = 0;
      const watch = stopwatch();
      await taskGroup(async (group) => {
        for (let index = 0; index < n; index += 1) {
          group.createTask(async () => {
            await sleep(1);
            done += 1;
          });
        }
      });
      return watch(done);
    }),

  "queue-unbounded": (n) => handOver(n, new Queue<number>(), 1),
  "queue-bounded": (n) => handOver(n, new Queue<number>(16), 1),
  "queue-many": (n) => handOver(n, new Queue<number>(16), 8),

  lock: (n) => contend(n, new Lock()),
  semaphore: (n) => contend(n, new Semaphore(10)),

  gather: (n) =>
    run(async () => {
      const watch = stopwatch();
      return watch(countInOrder(await gather(numbers(n).map((item) => () => yieldOnce(item)))));
    }),

  map: (n) =>
    run(async () => {
      const watch = stopwatch();
      return watch(countInOrder(await map(numbers(n), yieldOnce, { limit: 10 })));
    }),

  timeout: (n) =>
    run(async () => {
      let done = 0;
      const watch = stopwatch();
      for (let index = 0; index < n; index += 1) await timeout("1m", async () => void (done += 1));
      return watch(done);
    }),

  wake: (n) =>
    run(async () => {
      let done = 0;
      const moment = dueMoment(n);
      let watch = stopwatch();
      await taskGroup(async (group) => {
        for (let index = 0; index < n; index += 1) {
          group.createTask(async () => {
            await sleepUntil(moment);
            done += 1;
          });
        }
        await sleep(1);
        spinUntil(moment);
        watch = stopwatch();
      });
      return watch(done);
    }),

  cancel: (n) =>
    run(async () => {
      let cancelled = 0;
      let watch = stopwatch();
      await taskGroup(async (group) => {
        for (let index = 0; index < n; index += 1) {
          group.createTask(async () => {
            try {
              await sleep("1h");
            } finally {
              cancelled += 1;
            }
          });
        }
        await sleep(1);
        watch = stopwatch();
        group.cancel();
      });
      return watch(cancelled);
    }),

  memory: (n) =>
    run(async () => {
      const before = await heapInUse();
      let started = 0;
      return taskGroup(async (group) => {
        for (let index = 0; index < n; index += 1) {
          group.createTask(async () => {
            started += 1;
            await sleep("1h");
          });
        }
        const held = (await heapInUse()) - before;
        group.cancel();
        return { done: started, total: held };
      });
    }),
};

function handOver(n: number, queue: Queue<number>, parties: number): Promise<Measurement> {
  return run(async () => {
    let taken = 0;
    const share = n / parties;
    const put = async (): Promise<void> => {
      for (let item = 0; item < share; item += 1) await queue.put(item);
    };
    const get = async (): Promise<void> => {
      for (let count = 0; count < share; count += 1) {
        await queue.get();
        taken += 1;
      }
    };
    const watch = stopwatch();
    await taskGroup(async (group) => {
      for (let party = 0; party < parties; party += 1) {
        group.createTask(put);
        group.createTask(get);
      }
    });
    return watch(taken);
  });
}

function contend(n: number, gate: Lock | Semaphore): Promise<Measurement> {
  return run(async () => {
    let entered = 0;
    const watch = stopwatch();
    await taskGroup(async (group) => {
      for (let contender = 0; contender < 100; contender += 1) {
        group.createTask(async () => {
          for (let turn = 0; turn < n / 100; turn += 1) {
            using _lease = await gate.acquire();
            entered += 1;
            await settled;
          }
        });
      }
    });
    return watch(entered);
  });
}
