import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  after,
  cancelScope,
  createTask,
  DeadlockError,
  Future,
  gather,
  getRunningLoop,
  interruptible,
  Queue,
  run,
  select,
  sleep,
  sleepForever,
  taskGroup,
  timeout,
  withSignal,
} from "../../src/index.ts";
import { simulate, waitAllTasksBlocked } from "../../src/testing.ts";
import { runProgram } from "../kernel/program.ts";

const quiet = { signals: [] } as const;

const now = (): number => getRunningLoop().time();

/** The order in which tasks that are ready at once go on. */
function order(seed: number): Promise<string> {
  return simulate(
    async () => {
      const steps: string[] = [];
      await taskGroup((group) => {
        for (const name of "abcdef") {
          group.createTask(async () => {
            for (let i = 0; i < 3; i += 1) {
              await sleep(0);
              steps.push(name);
            }
          });
        }
      });
      return steps.join("");
    },
    { seed },
  );
}

describe("simulate", () => {
  test("starts at time 0, and sleeping takes no real time", () =>
    simulate(async () => {
      assert.equal(now(), 0);
      await sleep("1000h");
      assert.equal(now(), 3_600_000_000);
    }));

  test("gives main's value or error", async () => {
    assert.equal(await simulate(() => "value"), "value");
    await assert.rejects(
      simulate(() => Promise.reject(new Error("no"))),
      /no/,
    );
  });

  test("wakes in the same order for the same seed", async () => {
    for (const seed of [0, 1, 2]) assert.equal(await order(seed), await order(seed));
  });

  test("wakes in different orders for different seeds", async () => {
    const orders = new Set<string>();
    for (let seed = 0; seed < 20; seed += 1) orders.add(await order(seed));
    assert.ok(orders.size > 15, `${orders.size} of 20`);
  });

  test("lets time jump only when all tasks wait", () =>
    simulate(async () => {
      const seen: number[] = [];
      await taskGroup((group) => {
        group.createTask(() => sleep(10));
        group.createTask(async () => {
          for (let i = 0; i < 50; i += 1) await sleep(0);
          seen.push(now());
        });
      });
      assert.deepEqual(seen, [0]);
    }));

  for (const [how, outside] of Object.entries({
    interruptible: (work: () => Promise<void>) => interruptible(work()),
    withSignal: (work: () => Promise<void>) => withSignal(() => work()),
  })) {
    test(`lets time stand still while somebody waits outside (${how})`, () =>
      simulate(async () => {
        let woken = false;
        const sleeper = createTask(() => sleep(1).then(() => (woken = true)));
        await outside(async () => {
          for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
        });
        assert.deepEqual([now(), woken], [0, false]);
        await sleeper;
        assert.equal(now(), 1);
      }));
  }

  test("goes on when a cancelled wait outside is left", () =>
    simulate(async () => {
      const failing = timeout(1, () => sleepForever());
      await assert.rejects(failing, /expired/);
      await assert.rejects(interruptible(Promise.reject(new Error("outside"))), /outside/);
      await sleep(1);
      assert.equal(now(), 2);
    }));

  test("rejects with a DeadlockError that says who waits when nothing can go on", async () => {
    const stuck = simulate(async () => {
      await taskGroup((group) => {
        group.createTask(() => new Future({ name: "a key" }), { name: "locked out" });
      });
    });
    await assert.rejects(stuck, (error) => {
      assert.ok(error instanceof DeadlockError);
      assert.match(error.message, /main waits for the children of taskGroup\n {4}locked out waits for a key/);
      return true;
    });
  });

  test("takes no bare await of something outside for a deadlock", async () => {
    const value = await simulate(async () => {
      for (let turns = 0; turns < 20; turns += 1) await new Promise((resolve) => setImmediate(resolve));
      await sleep("1h");
      return now();
    });
    assert.equal(value, 3_600_000);
  });

  test("rejects with a DeadlockError when Node has nothing left to do", async () => {
    const { lines } = await runProgram(`
      import { simulate } from "tsyncio/testing";
      await simulate(() => new Promise(() => {})).catch((error) => console.log(error.name));`);
    assert.deepEqual(lines, ["DeadlockError"]);
  });

  test("never comes to the end of an endless wait", async () => {
    await assert.rejects(
      simulate(() => select({ never: after(Number.POSITIVE_INFINITY) })),
      DeadlockError,
    );
  });

  test("runs several simulations side by side, each with its own clock", async () => {
    const run = (duration: number): Promise<number> => simulate(() => sleep(duration).then(now));
    assert.deepEqual(await Promise.all([run(10), run(20)]), [10, 20]);
  });
});

describe("waitAllTasksBlocked", () => {
  test("waits until all others wait, and the clock does not jump before", () =>
    simulate(async () => {
      let steps = 0;
      const other = createTask(async () => {
        for (let i = 0; i < 10; i += 1) {
          await sleep(0);
          steps += 1;
        }
        await sleep(5);
      });
      await waitAllTasksBlocked();
      assert.deepEqual([steps, now()], [10, 0]);
      await other;
    }));

  test("on Node's own loop waits until nobody moves any more, also while others are busy with the world outside", async () => {
    const outside = Promise.withResolvers<string>();
    const left = await run(async () => {
      let steps = 0;
      const busy = createTask(async () => outside.promise);
      const other = createTask(async () => {
        for (let i = 0; i < 10; i += 1) {
          await sleep(0);
          steps += 1;
        }
        await sleepForever();
      });
      await waitAllTasksBlocked();
      assert.deepEqual([steps, busy.done(), other.done()], [10, false, false]);
      other.cancel();
      outside.resolve("busy");
      return busy;
    }, quiet);
    assert.equal(left, "busy");
  });

  /** Turns of Node's loop, counted from now until `stop` is called. */
  function countTurns(): { turns: number; stop(): void } {
    const counter = { turns: 0, stop: () => (counting = false) };
    let counting = true;
    const turn = (): void => {
      counter.turns += 1;
      if (counting) setImmediate(turn);
    };
    setImmediate(turn);
    return counter;
  }

  const spins: Readonly<Record<string, (queue: Queue<number>) => Promise<unknown>>> = {
    "sleep(0)": () => sleep(0),
    "puts and gets that need not wait": async (queue) => {
      await queue.put(1);
      await queue.get();
    },
  };
  for (const [what, spin] of Object.entries(spins)) {
    test(`on Node's own loop a task that spins on ${what} does not count as waiting`, async () => {
      await run(async () => {
        const counter = countTurns();
        const queue = new Queue<number>();
        const spinning = createTask(async () => {
          while (counter.turns < 50) await spin(queue);
        });
        await waitAllTasksBlocked();
        counter.stop();
        assert.equal(spinning.done(), true);
        assert.ok(counter.turns >= 50, `it ended after ${counter.turns} turns`);
      }, quiet);
    });
  }

  test("looks at the tasks of the current run only, and is cancelled like any wait", async () => {
    await run(async () => {
      const spinning = createTask(async () => {
        for (;;) await sleep(0);
      });
      await run(() => waitAllTasksBlocked(), quiet);
      const counter = countTurns();
      const outcome = await cancelScope(async (scope) => {
        createTask(async () => {
          while (counter.turns < 50) await sleep(1);
          scope.cancel();
        });
        await waitAllTasksBlocked();
        return "blocked";
      });
      counter.stop();
      assert.equal(outcome, undefined);
      spinning.cancel();
    }, quiet);
  });

  test("two that wait for all others do not wait for each other", async () => {
    await run(() => gather([waitAllTasksBlocked, waitAllTasksBlocked]), quiet);
  });
});
