import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { currentTask, Future, shield, sleep, sleepForever, type Task, taskGroup } from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

const failWith = (error: unknown) => async (): Promise<never> => {
  await sleep(0);
  throw error;
};

describe("a supervising group (onError: continue)", () => {
  test("lets the others go on, and throws all failures at its end", () =>
    simulate(async () => {
      const [first, second] = [new Error("first"), new Error("second")];
      let other: Task<string> | undefined;
      const failing = taskGroup(
        async (group) => {
          group.createTask(failWith(first));
          other = group.createTask(() => sleep("1s", "other"));
          group.createTask(async () => {
            await sleep("2s");
            throw second;
          });
        },
        { onError: "continue" },
      );
      await assert.rejects(failing, (thrown) => thrown === first);
      assert.deepEqual((first as Error & { suppressed?: unknown }).suppressed, [second]);
      assert.equal(other?.result(), "other");
    }));

  test("is cancelled by its body's failure all the same", async () => {
    let child!: Task<unknown>;
    const failing = taskGroup(
      async (group) => {
        child = group.createTask(() => sleepForever());
        throw new Error("body");
      },
      { onError: "continue" },
    );
    await assert.rejects(failing, /body/);
    assert.equal(child.cancelled(), true);
  });
});

describe("a group with a limit", () => {
  test("runs at most that many, in order; a cancelled one that waits gives up its place at once", () =>
    simulate(async () => {
      const started: number[] = [];
      await taskGroup(
        async (group) => {
          const tasks = [0, 1, 2, 3, 4].map((index) =>
            group.createTask(async () => {
              started.push(index);
              await sleep("1s");
            }),
          );
          await sleep("500ms");
          assert.deepEqual(new Set(started), new Set([0, 1]));
          tasks[2]?.cancel();
          await sleep(0);
          assert.equal(tasks[2]?.cancelled(), true);
        },
        { limit: 2 },
      );
      assert.deepEqual(new Set(started), new Set([0, 1, 3, 4]));
    }));

  test("ends those that wait when it fails: they never start", async () => {
    const failing = taskGroup(
      (group) => {
        group.createTask(failWith(new Error("no")));
        for (let i = 0; i < 100; i += 1) group.createTask(() => assert.fail("never called"));
      },
      { limit: 1 },
    );
    await assert.rejects(failing, (error) => (error as Error).message === "no" && !("suppressed" in (error as Error)));
  });

  test("gives daemons no slot, and cancels them when only they are left", async () => {
    const events: string[] = [];
    await taskGroup(
      async (group) => {
        group.createTask(
          async () => {
            try {
              await sleepForever();
            } finally {
              await shield(() => sleep(0));
              events.push("daemon ended");
            }
          },
          { daemon: true },
        );
        group.createTask(async () => {
          await sleep(1);
          events.push("child ended");
        });
      },
      { limit: 1 },
    );
    assert.deepEqual(events, ["child ended", "daemon ended"]);
  });

  test("ends after a child that a daemon starts while it unwinds", async () => {
    let ended = false;
    await taskGroup(async (group) => {
      const child = async (): Promise<void> => {
        await sleep(1);
        ended = true;
      };
      const daemon = (): Promise<void> => sleepForever().finally(() => void group.createTask(child));
      group.createTask(daemon, { daemon: true });
      await sleep(0);
    });
    assert.equal(ended, true);
  });

  test("fails with its daemon's failure", async () => {
    const failing = taskGroup(async (group) => {
      group.createTask(failWith(new Error("daemon")), { daemon: true });
      await sleepForever();
    });
    await assert.rejects(failing, /daemon/);
  });
});

describe("group.start", () => {
  test("waits until the service says that it has started, and the service goes on", async () => {
    const events: unknown[] = [];
    await taskGroup(async (group) => {
      const port = await group.start<number>(async (started) => {
        await sleep(0);
        started(8080);
        await sleep(1);
        events.push("served");
      });
      events.push(port);
    });
    assert.deepEqual(events, [8080, "served"]);
  });

  test("throws what the service throws before that, and the group does not fail", async () => {
    await taskGroup(async (group) => {
      await assert.rejects(group.start(failWith(new Error("port in use"))), /port in use/);
      await assert.rejects(
        group.start(() => {}),
        /ended without calling started/,
      );
      await sleep(0);
    });
  });

  test("leaves what the service throws after that to the group", async () => {
    const failing = taskGroup(async (group) => {
      await group.start(async (started) => {
        started();
        await sleep(0);
        throw new Error("later");
      });
      await sleepForever();
    });
    await assert.rejects(failing, /later/);
  });

  test("cancels the service with its caller, and waits for its end", async () => {
    const events: string[] = [];
    await taskGroup(async (group) => {
      const caller = group.createTask(() =>
        group.start(async () => {
          try {
            await sleepForever();
          } finally {
            await shield(() => sleep(1));
            events.push("service ended");
          }
        }),
      );
      await sleep(1);
      await caller.cancelAndWait();
      events.push("caller ended");
    });
    assert.deepEqual(events, ["service ended", "caller ended"]);
  });

  test("does not lose what the service throws while it is cancelled", async () => {
    const failing = taskGroup(async (group) => {
      const caller = group.createTask(() =>
        group.start(() => sleepForever().catch(() => Promise.reject(new Error("in clean-up")))),
      );
      await sleep(1);
      caller.cancel();
    });
    await assert.rejects(failing, /in clean-up/);
  });

  test("keeps the service alive when the caller's own scope ends by cancellation later", async () => {
    const stop = new Future<void>();
    let served: Task<unknown> | undefined;
    await taskGroup(async (group) => {
      const request = group.createTask(async () => {
        await group.start(
          async (started) => {
            served = currentTask();
            started();
            await stop;
          },
          { name: "service" },
        );
        await sleepForever();
      });
      await sleep(1);
      await request.cancelAndWait();
      assert.equal(served?.done(), false);
      stop.setResult();
    });
    assert.deepEqual([served?.name, served?.cancelled()], ["service", false]);
  });
});

describe("group.results", () => {
  test("gives the children's values in order of completion, and ends with the last", () =>
    simulate(async () => {
      await taskGroup(async (group) => {
        for (const delay of [30, 10, 20]) group.createTask(() => sleep(delay, delay));
        assert.deepEqual(await Array.fromAsync(group.results()), [10, 20, 30]);
      });
    }));

  test("loses none when a next() is cancelled", () =>
    simulate(async () => {
      await taskGroup(async (group) => {
        for (const delay of [10, 20]) group.createTask(() => sleep(delay, delay));
        const results = group.results();
        const impatient = group.createTask(() => results.next());
        await sleep(5);
        impatient.cancel();
        assert.deepEqual(await Array.fromAsync(results), [10, 20]);
      });
    }));
});
