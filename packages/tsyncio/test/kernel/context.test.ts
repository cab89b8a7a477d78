import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, test } from "node:test";
import {
  cancelScope,
  coroutine,
  createTask,
  currentTask,
  detached,
  Event,
  Future,
  gather,
  getRunningLoop,
  iterate,
  limiter,
  Lock,
  map,
  moveOnAfter,
  produce,
  Queue,
  race,
  resource,
  run,
  select,
  shield,
  sleep,
  staggered,
  suspend,
  taskGroup,
  timeout,
  waitFor,
  withSignal,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

const user = new AsyncLocalStorage<string>();

describe("a program's own AsyncLocalStorage", () => {
  test("is that of the creator in a task, whenever it starts, and what happens to it later does not reach the task [test_tasks: test_context_1]", async () => {
    const deferred = user.run("a", () => createTask(() => user.getStore()));
    const eager = user.run("b", () => createTask(() => user.getStore(), { eager: true }));
    assert.deepEqual([await deferred, await eager], ["a", "b"]);
    await user.run("before", async () => {
      const task = createTask(() => sleep(0).then(() => user.getStore()));
      user.enterWith("after");
      assert.equal(await task, "before");
    });
  });

  test("is that of the creator in a child that waited for a slot, not that of whoever made room", async () => {
    const seen: unknown[] = [];
    await taskGroup(
      async (group) => {
        for (const name of ["a", "b", "c"]) {
          user.run(name, () =>
            group.createTask(async () => {
              await sleep(0);
              seen.push(user.getStore());
            }),
          );
        }
      },
      { limit: 1 },
    );
    assert.deepEqual(seen, ["a", "b", "c"]);
  });

  test("changes inside a task stay inside, also in the eager part [test_tasks: test_context_2; test_eager_task_factory: test_context_vars]", async () => {
    for (const eager of [false, true]) {
      const task = createTask(
        async () => {
          user.enterWith("inner");
          await sleep(0);
          return user.getStore();
        },
        { eager },
      );
      assert.equal(user.getStore(), undefined);
      assert.equal(await task, "inner");
      assert.equal(user.getStore(), undefined);
    }
  });

  test("is each one's own in a hundred tasks that change theirs side by side [test_tasks: test_context_3]", () =>
    simulate(async () => {
      const change = async (task: number): Promise<void> => {
        for (let round = 0; round < 10; round += 1) {
          const value = `${task}, ${round}`;
          user.enterWith(value);
          await sleep(1 + ((task * 7 + round * 3) % 50));
          assert.equal(user.getStore(), value);
        }
      };
      await gather(Array.from({ length: 100 }, (_, task) => () => change(task)));
      assert.equal(user.getStore(), undefined);
    }));

  test("can be given to tasks as a snapshot, whose objects they share [test_tasks: test_context_4, test_context_5, test_context_6]", () =>
    simulate(async () => {
      const shared = new AsyncLocalStorage<{ value: number }>();
      const snapshot = shared.run({ value: 0 }, () => AsyncLocalStorage.snapshot());
      const read = (): number | undefined => snapshot(() => shared.getStore()?.value);
      const set = async (value: number): Promise<void> => {
        await sleep(0);
        const store = shared.getStore();
        if (store !== undefined) store.value = value;
      };
      const seen = [read()];
      for (const value of [1, 2]) {
        await createTask(() => snapshot(set, value));
        seen.push(read());
      }
      assert.deepEqual([seen, shared.getStore()], [[0, 1, 2], undefined]);
    }));

  test("is that of the registrant in done-callbacks and scheduled callbacks", async () => {
    const seen: unknown[] = [];
    const future = new Future<void>();
    const loop = getRunningLoop();
    const all = new Future<void>();
    user.run("done", () => future.addDoneCallback(() => seen.push(user.getStore())));
    user.run("soon", () => loop.callSoon(() => seen.push(user.getStore())));
    user.run("later", () =>
      loop.callLater(1, () => {
        seen.push(user.getStore());
        all.setResult();
      }),
    );
    user.run("setter", () => future.setResult());
    await all;
    assert.deepEqual(new Set(seen), new Set(["done", "later", "soon"]));
  });

  test("is kept by every wait", async () => {
    const wakers: (() => void)[] = [];
    const waiting = user.run("waiter", async () => {
      await suspend("a waker", (wait) => void wakers.push(() => wait.resolve(undefined)));
      return user.getStore();
    });
    user.run("waker", () => wakers[0]?.());
    assert.equal(await waiting, "waiter");
  });

  test("reaches the jobs of combinators, and what is detached", async () => {
    await user.run("caller", async () => {
      assert.deepEqual(await gather([() => user.getStore(), async () => user.getStore()]), ["caller", "caller"]);
      assert.deepEqual(await map([1], () => user.getStore()), ["caller"]);
      assert.equal(await cancelScope(() => user.getStore()), "caller");
      assert.equal(
        detached(() => user.getStore()),
        "caller",
      );
      assert.equal(await withSignal(() => user.getStore()), "caller");
    });
  });
});

const primitives: Readonly<Record<string, (look: () => void) => unknown>> = {
  createTask: (look) => createTask(look),
  "createTask, eager": (look) => createTask(look, { eager: true }),
  "a task group": (look) => taskGroup((group) => void group.createTask(look)),
  timeout: (look) => timeout("1s", look),
  moveOnAfter: (look) => moveOnAfter("1s", look),
  waitFor: (look) => waitFor(look, "1s"),
  shield: (look) => shield(look),
  cancelScope: (look) => cancelScope(look),
  race: (look) => race([look]),
  staggered: (look) => staggered([look], 1),
  limiter: (look) => limiter(1)(look),
  run: (look) => run(look, { signals: [] }),
  coroutine: (look) => coroutine(look)(),
  resource: (look) => resource(look, () => {}),
  "a generator that is iterated over": async (look) => {
    const generator = async function* (): AsyncGenerator<void> {
      yield look();
    };
    for await (const _ of iterate(generator()));
  },
  produce: async (look) => {
    for await (const _ of produce<void>(() => look()));
  },
};

describe("a store of the user's is the caller's inside, and the caller's again after", () => {
  for (const [name, use] of Object.entries(primitives)) {
    test(name, async () => {
      const seen: unknown[] = [];
      await user.run("caller", async () => {
        await use(() => void seen.push(user.getStore()));
        seen.push(user.getStore());
      });
      assert.deepEqual(seen, ["caller", "caller"]);
      assert.equal(user.getStore(), undefined);
    });
  }

  test("whoever wakes it", async () => {
    const queue = new Queue<string>();
    const lock = new Lock();
    const held = await lock.acquire();
    const event = new Event();
    const waits = [() => queue.get(), () => lock.acquire(), () => event.wait(), () => select({ queue })];
    const seen = waits.map((wait, index) =>
      user.run(`waiter ${index}`, async () => {
        await wait();
        return user.getStore();
      }),
    );
    user.run("waker", () => {
      queue.putNowait("a");
      queue.putNowait("b");
      held.release();
      event.set();
    });
    assert.deepEqual(await Promise.all(seen), ["waiter 0", "waiter 1", "waiter 2", "waiter 3"]);
  });
});

describe("the current task", () => {
  test("is undefined outside any, and the right one inside while tasks interleave [test_tasks: test_current_task, test_current_task_with_interleaving_tasks, test_current_task_no_running_loop, test_current_task_no_running_loop_implicit, test_current_task_with_implicit_loop]", async () => {
    assert.equal(currentTask(), undefined);
    const look = async (): Promise<unknown[]> => {
      const seen: unknown[] = [currentTask()?.name];
      await sleep(0);
      seen.push(currentTask()?.name);
      return seen;
    };
    const [a, b] = [createTask(look, { name: "a" }), createTask(look, { name: "b" })];
    assert.deepEqual(await a, ["a", "a"]);
    assert.deepEqual(await b, ["b", "b"]);
    assert.equal(currentTask(), undefined);
  });

  test("is the child during its eager part and the creator again afterwards; it stays the same one over a wait [test_eager_task_factory: test_current_task]", async () => {
    await createTask(
      async () => {
        const names: unknown[] = [];
        const child = createTask(
          async () => {
            const before = currentTask();
            names.push(before?.name);
            await sleep(0);
            assert.equal(currentTask(), before);
          },
          { name: "child", eager: true },
        );
        names.push(currentTask()?.name);
        await child;
        names.push(currentTask()?.name);
        assert.deepEqual(names, ["child", "creator", "creator"]);
      },
      { name: "creator" },
    );
  });

  test("of a coroutine is its awaiter's", async () => {
    const who = coroutine(async () => currentTask()?.name);
    assert.equal(await createTask(async () => who(), { name: "awaiter" }), "awaiter");
  });

  test("of an async generator is whoever called next()", async () => {
    async function* names(): AsyncGenerator<string | undefined> {
      for (;;) {
        await sleep(0);
        yield currentTask()?.name;
      }
    }
    const source = names();
    assert.equal((await createTask(() => source.next(), { name: "a" })).value, "a");
    assert.equal((await createTask(() => source.next(), { name: "b" })).value, "b");
    await source.return(undefined);
  });

  test("of an async disposer is the function's", async () => {
    let seen: string | undefined;
    await createTask(
      async () => {
        await using _resource = {
          async [Symbol.asyncDispose]() {
            await sleep(0);
            seen = currentTask()?.name;
          },
        };
        await sleep(0);
      },
      { name: "owner" },
    );
    assert.equal(seen, "owner");
  });
});
