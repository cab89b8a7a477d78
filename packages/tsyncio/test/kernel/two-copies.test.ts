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
});
