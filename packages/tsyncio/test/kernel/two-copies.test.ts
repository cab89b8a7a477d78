import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as ours from "../../src/index.ts";

const folder = mkdtempSync(join(tmpdir(), "tsyncio-copy-"));
cpSync(fileURLToPath(new URL("../../src", import.meta.url)), join(folder, "src"), { recursive: true });
writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
const theirs = (await import(pathToFileURL(join(folder, "src", "index.ts")).href)) as typeof ours;
after(() => rmSync(folder, { recursive: true }));

const caught = (promise: PromiseLike<unknown>): PromiseLike<unknown> =>
  promise.then(
    () => assert.fail("expected a rejection"),
    (error: unknown) => error,
  );

describe("two copies of tsyncio in one process", () => {
  test("are two copies indeed", () => {
    assert.notEqual(ours.taskGroup, theirs.taskGroup);
    assert.notEqual(ours.TimeoutError, theirs.TimeoutError);
  });

  test("share the loop and the current scope: a cancellation of one ends the waits of the other", async () => {
    assert.equal(ours.getRunningLoop(), theirs.getRunningLoop());
    await ours.cancelScope(async (scope) => {
      const waiting = theirs.sleepForever();
      scope.cancel("from our copy");
      const error = await caught(waiting);
      assert.ok(ours.isCancelled(error) && theirs.isCancelled(error));
      assert.ok(error instanceof ours.CancelledError && error instanceof theirs.CancelledError);
      await caught(theirs.checkpoint());
    });
  });

  test("recognise each other's errors, and tell them apart by class", async () => {
    const error = await caught(theirs.timeout(1, () => ours.sleepForever()));
    assert.ok(error instanceof ours.TimeoutError && error instanceof theirs.TimeoutError);
    assert.ok(!(error instanceof ours.CancelledError) && !(error instanceof ours.InvalidStateError));
    class Special extends ours.TimeoutError {}
    assert.ok(!(error instanceof Special));
    assert.ok(new Special() instanceof theirs.TimeoutError);
  });

  test("agree on the current task, and on who is cancelled", async () => {
    const task = ours.createTask(
      async () => {
        assert.equal(theirs.currentTask()?.name, "shared");
        await theirs.taskGroup((group) => void group.createTask(() => ours.sleepForever()));
      },
      { name: "shared" },
    );
    await ours.sleep(1);
    task.cancel();
    await caught(task);
    assert.equal(task.cancelled(), true);
  });

  test("make the other's run own a task that is created in it: it is cancelled and awaited", async () => {
    const events: string[] = [];
    await ours.run(
      async () => {
        theirs.createTask(async () => {
          try {
            await theirs.sleepForever();
          } finally {
            await theirs.shield(() => theirs.sleep(1));
            events.push("unwound");
          }
        });
        await ours.sleep(1);
      },
      { signals: [] },
    );
    assert.deepEqual(events, ["unwound"]);
  });

  test("can await each other's tasks, futures and coroutines", async () => {
    const future = new theirs.Future<string>();
    const lazy = theirs.coroutine(async () => theirs.sleep(0, "coroutine"));
    const results = ours.gather([theirs.createTask(() => "task"), future, lazy()] as never);
    future.setResult("future");
    assert.deepEqual(await results, ["task", "future", "coroutine"]);
  });

  test("cancel a coroutine of the other copy with the combinator that owns it", async () => {
    let seen: unknown;
    const lazy = theirs.coroutine(async () => {
      seen = await caught(theirs.sleepForever());
      throw seen;
    });
    await caught(ours.waitFor(lazy() as never, 1));
    assert.ok(ours.isCancelled(seen));
  });

  test("let a run of one work with the tasks, locks, queues and events of the other", async () => {
    const steps = await ours.run(
      async () => {
        const queue = new theirs.Queue<number>({ maxsize: 1 });
        const lock = new theirs.Lock();
        const ready = new ours.Event();
        const steps: unknown[] = [];
        await theirs.taskGroup(async (group) => {
          group.createTask(async () => {
            await theirs.timeout("10s", () => ready.wait());
            for (const item of [1, 2, 3]) await queue.put(item);
            queue.shutdown();
          });
          await ours.taskGroup(async (inner) => {
            inner.createTask(async () => {
              using _lease = await lock.acquire();
              ready.set();
              for await (const item of queue) steps.push(item);
            });
          });
        });
        return steps;
      },
      { signals: [] },
    );
    assert.deepEqual(steps, [1, 2, 3]);
  });

  test("select, wait for and complete what belongs to the other", async () => {
    const queue = new theirs.Queue<string>();
    queue.putNowait("item");
    const never = new theirs.Future();
    const chosen = await ours.select({ never, queue, event: new theirs.Event(), time: theirs.after("1h") } as never);
    assert.deepEqual(chosen, { key: "queue", value: "item" });
    const task = theirs.createTask(() => "done");
    const { done, pending } = await ours.wait([task, never] as never, { returnWhen: "FIRST_COMPLETED" });
    assert.deepEqual([[...done], [...pending]], [[task], [never]]);
    const values: unknown[] = [];
    for await (const each of ours.asCompleted([() => 1, theirs.createTask(() => 2)] as never)) {
      values.push((each as unknown as ours.Task<unknown>).result());
    }
    assert.deepEqual(new Set(values), new Set([1, 2]));
  });

  test("see each other's tasks, and who owns them", async () => {
    const task = theirs.createTask(() => theirs.sleepForever(), { name: "theirs" });
    assert.ok([...ours.allTasks()].some((each) => each === (task as unknown)));
    await task.cancelAndWait();
    assert.equal(ours.allTasks().size, 0);
  });

  test("refuse each other's bare tasks, and await each other's coroutines once", async () => {
    const queue = new ours.Queue<unknown>();
    const task = theirs.createTask(() => "value");
    assert.throws(() => queue.putNowait(task), TypeError);
    assert.equal(await task, "value");
    const call = theirs.coroutine(async () => 1)();
    assert.equal(await ours.createTask(call as never), 1);
    await assert.rejects(async () => await call, ours.InvalidStateError);
  });

  test("iterate over and produce for each other, and share the errors of queues", async () => {
    const items: number[] = [];
    for await (const item of ours.iterate(theirs.produce<number>((send) => ours.sleep(0).then(() => send(1))))) {
      items.push(item);
    }
    assert.deepEqual(items, [1]);
    const queue = new theirs.Queue<number>();
    assert.throws(() => queue.getNowait(), ours.QueueEmpty);
    queue.shutdown();
    await assert.rejects(async () => queue.get(), ours.QueueShutDown);
  });

  test("run a simulation with what the other makes: one clock, one order", async () => {
    const { simulate } = await import("../../src/testing.ts");
    const now = await simulate(async () => {
      await theirs.gather([() => theirs.sleep("1h"), () => ours.sleep("2h")]);
      return theirs.getRunningLoop().time();
    });
    assert.equal(now, 7_200_000);
  });
});
