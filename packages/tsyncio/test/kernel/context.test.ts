import assert from "node:assert/strict";
import { AsyncLocalStorage } from "node:async_hooks";
import { describe, test } from "node:test";
import {
  cancelScope,
  coroutine,
  createTask,
  currentTask,
  detached,
  Future,
  gather,
  getRunningLoop,
  map,
  sleep,
  suspend,
  taskGroup,
  withSignal,
} from "../../src/index.ts";

const user = new AsyncLocalStorage<string>();

describe("a program's own AsyncLocalStorage", () => {
  test("is that of the creator in a task, whenever it starts (test_tasks: context_1)", async () => {
    const deferred = user.run("a", () => createTask(() => user.getStore()));
    const eager = user.run("b", () => createTask(() => user.getStore(), { eager: true }));
    assert.deepEqual([await deferred, await eager], ["a", "b"]);
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

  test("changes inside a task stay inside, also in the eager part (context_vars)", async () => {
    const task = createTask(
      async () => {
        user.enterWith("inner");
        await sleep(0);
        return user.getStore();
      },
      { eager: true },
    );
    assert.equal(user.getStore(), undefined);
    assert.equal(await task, "inner");
    assert.equal(user.getStore(), undefined);
  });

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

describe("the current task", () => {
  test("is undefined outside any, and the right one inside while tasks interleave (current_task*)", async () => {
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

  test("is the child during its eager part and the creator again afterwards (test_eager: current_task)", async () => {
    await createTask(
      async () => {
        const names: unknown[] = [];
        createTask(() => void names.push(currentTask()?.name), { name: "child", eager: true });
        names.push(currentTask()?.name);
        assert.deepEqual(names, ["child", "creator"]);
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
