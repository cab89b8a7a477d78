import assert from "node:assert/strict";
import { setTimeout as hostTimeout } from "node:timers/promises";
import { describe, test } from "node:test";
import {
  checkpoint,
  createTask,
  getRunningLoop,
  interruptible,
  isCancelled,
  moveOnAfter,
  Queue,
  run,
  shield,
  sleep,
  sleepForever,
  type Task,
  taskGroup,
  timeout,
  TimeoutError,
  withSignal,
} from "tsyncio";
import { at, nextWarning, type Warning, warningsOf } from "./warnings.ts";

const here = "cancellations.test.ts";

/** Runs a function as a task, cancels it once it waits, and awaits it whatever its outcome. */
async function cancelled(body: () => unknown): Promise<void> {
  const task: Task<unknown> = createTask(body, { name: "worker" });
  await sleep(1);
  task.cancel("enough");
  await task.catch(() => {});
}

function codes(warnings: readonly Warning[]): readonly string[] {
  return warnings.map(({ code }) => code);
}

describe("a task that swallows its cancellation and goes on", () => {
  test("is named, with where it went on, once", async () => {
    const body = async (): Promise<void> => {
      for (let round = 0; round < 5; round += 1) await sleepForever().catch(() => {});
    };
    const [warning, ...more] = await warningsOf(() => cancelled(body));
    assert.equal(warning?.code, "TSYNCIO_SWALLOWED_CANCELLATION");
    assert.match(warning.message, /^worker caught its own cancellation and went on: .* sleepForever\(\) at body/);
    assert.match(warning.message, at("body", here));
    assert.deepEqual(more, []);
  });

  test("is named if what goes on is another function that the same one calls", async () => {
    const attempt = async (): Promise<void> => sleepForever();
    const save = async (): Promise<void> => checkpoint();
    const body = async (): Promise<void> => {
      await attempt().catch(() => {});
      await save();
    };
    assert.deepEqual(codes(await warningsOf(() => cancelled(body))), ["TSYNCIO_SWALLOWED_CANCELLATION"]);
  });

  test("is named if it waits in a finally without a shield: that clean-up does not take place", async () => {
    const body = async (): Promise<void> => {
      try {
        await sleepForever();
      } finally {
        await sleep(1);
      }
    };
    assert.deepEqual(codes(await warningsOf(() => cancelled(body))), ["TSYNCIO_SWALLOWED_CANCELLATION"]);
  });

  test("is named for the scope of a timeout too", async () => {
    const body = async (): Promise<void> => {
      await sleepForever().catch(() => {});
      await sleepForever();
    };
    const warnings = await warningsOf(() => moveOnAfter(1, body));
    assert.deepEqual(codes(warnings), ["TSYNCIO_SWALLOWED_CANCELLATION"]);
    assert.match(warnings[0]?.message ?? "", /^main caught moveOnAfter\(1\)'s cancellation/);
  });

  const correct: Record<string, () => Promise<unknown>> = {
    "throws it again": async () => {
      try {
        await sleepForever();
      } catch (error) {
        if (isCancelled(error)) throw error;
      }
    },
    "cleans up in a shield": async () => {
      try {
        await sleepForever();
      } finally {
        await shield(() => sleep(1));
      }
    },
    "returns a value instead": () => sleepForever().catch(() => "partial"),
    "is told in several places at once, each for the first time": async () => {
      const place = async (id: number): Promise<void> => {
        await hostTimeout(id);
        await sleepForever();
      };
      await Promise.allSettled([place(1), place(3), place(5)]);
    },
    "asks for two things at once": async () => {
      await hostTimeout(5);
      await Promise.all([sleep(1), sleep(2)]);
    },
    "retries what a timeout of its own cut short": async () => {
      for (let round = 0; round < 9; round += 1) {
        await timeout(1, () => sleepForever()).catch((error: unknown) => assert.ok(error instanceof TimeoutError));
      }
    },
    "ends a group and its children": () =>
      taskGroup((group) => {
        group.createTask(() => sleepForever());
        group.createTask(() => new Queue().get());
      }),
  };
  for (const [what, body] of Object.entries(correct)) {
    test(`is not one that ${what}`, async () => {
      assert.deepEqual(await warningsOf(() => cancelled(body)), []);
    });
  }

  test("is not looked for without debug mode", async () => {
    const body = (): Promise<unknown> => sleepForever().catch(() => sleepForever());
    assert.deepEqual(await warningsOf(() => cancelled(body), false), []);
  });
});

describe("a task that is stuck on a foreign promise after its cancellation", () => {
  /** Runs a function as a task, cancels it, and gives it its turn until the look at stuck tasks must be over. */
  async function lookedAt(body: () => unknown): Promise<readonly Warning[]> {
    return await warningsOf(async () => {
      const loop = getRunningLoop();
      const { stuckTaskDuration } = loop;
      loop.stuckTaskDuration = 1;
      const over = Promise.withResolvers<void>();
      const stuck = createTask(() => over.promise, { name: "the last to be stuck" });
      try {
        const task = createTask(body, { name: "worker" });
        await sleep(5);
        task.cancel("enough");
        // Looks are made in the order of the cancellations.
        const warned = new Set<string>();
        stuck.cancel();
        while (![...warned].some((message) => message.startsWith("the last")))
          warned.add((await interruptible(nextWarning())).message);
        over.resolve();
        await task.catch(() => {});
      } finally {
        loop.stuckTaskDuration = stuckTaskDuration;
      }
    });
  }

  const workers = (warnings: readonly Warning[]): readonly string[] =>
    warnings.map(({ message }) => message).filter((message) => message.startsWith("worker"));

  test("is named, with its last wait", async () => {
    const body = async (): Promise<void> => {
      await sleep(1);
      await hostTimeout(50);
    };
    const [message = "", ...more] = workers(await lookedAt(body));
    assert.match(message, /^worker was cancelled 1 ms ago, and still awaits a promise that tsyncio does not know/);
    assert.match(message, at("body", here));
    assert.deepEqual(more, []);
  });

  test("is one whose withSignal function takes no notice of its signal", async () => {
    assert.equal(workers(await lookedAt(() => withSignal(() => hostTimeout(50)))).length, 1);
  });

  test("is not one that cleans up in a shield", async () => {
    const body = async (): Promise<void> => {
      try {
        await sleepForever();
      } finally {
        await shield(() => hostTimeout(50));
      }
    };
    assert.deepEqual(workers(await lookedAt(body)), []);
  });

  test("is not one that has ended", async () => {
    assert.deepEqual(workers(await lookedAt(() => sleepForever())), []);
  });

  test("is not one that waits for its children, of which one is", async () => {
    const body = (): Promise<unknown> =>
      taskGroup((group) => void group.createTask(() => hostTimeout(50), { name: "child" }));
    const warnings = await lookedAt(body);
    assert.deepEqual(workers(warnings), []);
    assert.ok(warnings.some(({ message }) => message.startsWith("child was cancelled")));
  });
});

describe("a wait that is left behind in a scope that ended", () => {
  test("is named, with its heir", async () => {
    async function main(): Promise<void> {
      await timeout("1s", async () => void sleep(5));
      await sleep(10);
    }
    const [warning, ...more] = await warningsOf(main);
    assert.equal(warning?.code, "TSYNCIO_LEFT_BEHIND");
    assert.match(
      warning.message,
      /^timeout\(1s\) has ended, but something in it still waits: sleep\(5\) at .*cancellations\.test/,
    );
    assert.match(warning.message, /It belongs to main now/);
    assert.deepEqual(more, []);
  });

  test("is named with a block that nobody awaits, and with a count of what is more", async () => {
    const warnings = await warningsOf(async () => {
      await timeout("1s", async () => {
        void timeout("2s", () => sleep(5));
        for (let index = 0; index < 4; index += 1) void sleep(5);
      });
      await sleep(10);
    });
    assert.deepEqual(codes(warnings), ["TSYNCIO_LEFT_BEHIND"]);
    assert.match(warnings[0]?.message ?? "", /and 2 more\. It belongs to main/);
  });

  test("is nothing that was awaited, cancelled, or given an owner", async () => {
    const warnings = await warningsOf(async () => {
      await timeout("1s", () => sleep(1));
      await moveOnAfter(1, () => sleep("1h"));
      await timeout("1s", async () => void createTask(() => sleep(2)));
      await taskGroup((group) => void group.createTask(() => sleep(1)));
      await run(async () => void createTask(() => sleepForever()));
    });
    assert.deepEqual(warnings, []);
  });
});
