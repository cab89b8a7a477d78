import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import {
  CancelledError,
  cancelScope,
  Condition,
  createTask,
  InvalidStateError,
  Lock,
  moveOnAfter,
  run,
  sleep,
  type Task,
  timeout,
  TimeoutError,
} from "tsyncio";
import { simulate } from "tsyncio/testing";
import { microtasks, offsets, turn } from "./turn.ts";

/** A task that waits for a notification, and notes it while it has the lock. */
function waiter(condition: Condition, name: string, log: string[]): Task<void> {
  return createTask(
    async () => {
      using _lease = await condition.acquire();
      await condition.wait();
      assert.equal(condition.locked(), true);
      log.push(name);
    },
    { name, eager: true },
  );
}

async function notify(condition: Condition, count?: number): Promise<void> {
  using _lease = await condition.acquire();
  condition.notify(count);
}

describe("a condition", () => {
  test("wakes as many as are notified, in the order of their coming [test_locks: test_wait, test_notify]", async () => {
    await run(async () => {
      const condition = new Condition();
      const log: string[] = [];
      for (const name of ["a", "b", "c", "d"]) waiter(condition, name, log);
      await turn();
      assert.deepEqual(condition.statistics(), { locked: false, waiting: 4, waitingForLock: 0 });
      await notify(condition);
      await turn();
      assert.deepEqual(log, ["a"]);
      await notify(condition, 2);
      await turn();
      assert.deepEqual(log, ["a", "b", "c"]);
      await notify(condition, 0);
      await turn();
      assert.equal(log.length, 3);
      await notify(condition, 2048);
      await turn();
      assert.deepEqual(log, ["a", "b", "c", "d"]);
    });
  });

  test("wakes all with notifyAll [test_locks: test_notify_all]", async () => {
    await run(async () => {
      const condition = new Condition();
      const log: string[] = [];
      for (const name of ["a", "b"]) waiter(condition, name, log);
      await turn();
      {
        using _lease = await condition.acquire();
        condition.notifyAll();
      }
      await turn();
      assert.deepEqual(log, ["a", "b"]);
    });
  });

  test("lets those whom it woke go on one by one, as the lock gets free", async () => {
    await run(async () => {
      const condition = new Condition();
      const log: string[] = [];
      for (const name of ["a", "b"]) waiter(condition, name, log);
      await turn();
      const lease = await condition.acquire();
      condition.notifyAll();
      await turn();
      assert.deepEqual(log, []);
      lease.release();
      await turn();
      assert.deepEqual(log, ["a", "b"]);
    });
  });

  test("gives the same lease back, so the using of the caller stays good [test_locks: test_context_manager]", async () => {
    await run(async () => {
      const condition = new Condition();
      await waiterThatIsNotified(condition);
      assert.equal(condition.locked(), false);
    });
  });

  test("cannot be used without its lock [test_locks: test_wait_unacquired, test_wait_for_unacquired, test_notify_unacquired, test_notify_all_unacquired]", async () => {
    const condition = new Condition();
    await assert.rejects(condition.wait(), InvalidStateError);
    await assert.rejects(
      condition.waitFor(() => true),
      InvalidStateError,
    );
    assert.throws(() => condition.notify(), InvalidStateError);
    assert.throws(() => condition.notifyAll(), InvalidStateError);
    assert.throws(() => condition.release(), InvalidStateError);
  });

  test("refuses a count that is negative or fractional", async () => {
    const condition = new Condition();
    await condition.acquire();
    for (const wrong of [-1, 0.5, Number.NaN]) assert.throws(() => condition.notify(wrong), RangeError);
  });

  test("waits for a predicate, and gives its value [test_locks: test_wait_for]", async () => {
    await run(async () => {
      const condition = new Condition();
      let word = "";
      const task = createTask(
        async () => {
          using _lease = await condition.acquire();
          return await condition.waitFor(() => word);
        },
        { eager: true },
      );
      await turn();
      await notify(condition);
      await turn();
      assert.equal(task.done(), false);
      word = "ready";
      await notify(condition);
      assert.equal(await task, "ready");
    });
  });

  test("refuses an async predicate, which would always be true", async () => {
    const condition = new Condition();
    await condition.acquire();
    await assert.rejects(
      condition.waitFor(() => Promise.resolve(false)),
      TypeError,
    );
  });

  test("has the lock again before the cancellation of a waiter goes on, as the very same error [test_locks: test_wait_cancel, test_cancelled_error_wakeup, test_cancelled_error_re_aquire]", async () => {
    await run(async () => {
      const condition = new Condition();
      const reason = new Error("no longer wanted");
      const seen: unknown[] = [];
      const task = createTask(
        async () => {
          using _lease = await condition.acquire();
          try {
            await condition.wait();
          } catch (error) {
            seen.push(error, condition.locked());
            throw error;
          }
        },
        { eager: true },
      );
      await turn();
      task.cancel(reason);
      await assert.rejects(
        async () => task,
        (error) => {
          assert.deepEqual(seen, [error, true]);
          assert.ok(error instanceof CancelledError);
          return error.reason === reason;
        },
      );
      assert.deepEqual(condition.statistics(), { locked: false, waiting: 0, waitingForLock: 0 });
    });
  });

  test("waits for the lock also when it is cancelled while another has it [test_locks: test_wait_cancel_contested]", async () => {
    await run(async () => {
      const condition = new Condition();
      const task = waiter(condition, "a", []);
      await turn();
      const lease = await condition.acquire();
      task.cancel();
      await turn();
      assert.equal(task.done(), false);
      lease.release();
      await assert.rejects(async () => task, CancelledError);
      assert.equal(condition.locked(), false);
    });
  });

  test("cancels also a waiter that was notified and waits for the lock [test_locks: test_wait_cancel_after_notify]", async () => {
    await run(async () => {
      const condition = new Condition();
      const log: string[] = [];
      const task = waiter(condition, "a", log);
      await turn();
      const lease = await condition.acquire();
      condition.notify();
      await turn();
      task.cancel();
      lease.release();
      await assert.rejects(async () => task, CancelledError);
      assert.deepEqual(log, []);
      assert.equal(condition.locked(), false);
    });
  });

  test("passes the notification of a waiter that is cancelled on, at each offset [test_locks: test_cancelled_wakeup, test_cancelled_wakeup_relock]", async () => {
    for (const notifyFirst of [true, false]) {
      for (const offset of offsets) {
        await run(async () => {
          const condition = new Condition();
          const log: string[] = [];
          const [a] = ["a", "b"].map((name) => waiter(condition, name, log));
          await turn();
          const lease = await condition.acquire();
          if (notifyFirst) condition.notify();
          else a?.cancel();
          await microtasks(offset);
          if (notifyFirst) a?.cancel();
          else condition.notify();
          lease.release();
          await turn();
          assert.deepEqual(log, ["b"], `offset ${offset}`);
          assert.equal(a?.cancelled(), true);
          assert.deepEqual(condition.statistics(), { locked: false, waiting: 0, waitingForLock: 0 });
        });
      }
    }
  });

  test("may share its lock with another [test_locks: test_explicit_lock]", async () => {
    const lock = new Lock();
    const [full, empty] = [new Condition(lock), new Condition(lock)];
    using _lease = await full.acquire();
    assert.equal(empty.locked(), true);
    assert.equal(full.lock, empty.lock);
    assert.throws(() => new Condition({} as Lock), TypeError);
  });

  test("leaves the lock held when a timed wait inside the block expires [test_locks: test_timeout_in_block]", async () => {
    await simulate(async () => {
      const condition = new Condition();
      using _lease = await condition.acquire();
      await assert.rejects(
        timeout("20ms", () => condition.wait()),
        TimeoutError,
      );
      assert.equal(condition.locked(), true);
      assert.equal(await moveOnAfter("20ms", () => condition.waitFor(() => false)), undefined);
      assert.equal(condition.locked(), true);
    });
  });

  test("keeps the lock in a scope that is cancelled already", async () => {
    const condition = new Condition();
    using _lease = await condition.acquire();
    await cancelScope(async (scope) => {
      scope.cancel();
      await assert.rejects(condition.wait(), CancelledError);
      assert.equal(condition.locked(), true);
    });
  });

  test("serves producers and consumers that time out, in any order of wake-ups", async () => {
    for (let seed = 0; seed < 100; seed += 1) {
      const taken = await simulate(() => exchange(new Condition(), 20), { seed });
      assert.deepEqual(
        taken.toSorted((a, b) => a - b),
        Array.from({ length: 20 }, (_, index) => index),
        `seed ${seed}`,
      );
    }
  });

  test("shows its state when it is printed [test_locks: test_repr]", async () => {
    const condition = new Condition();
    assert.equal(inspect(condition), "<Condition unlocked, waiting: 0>");
    await condition.acquire();
    assert.equal(inspect(condition), "<Condition locked, waiting: 0>");
  });
});

async function waiterThatIsNotified(condition: Condition): Promise<void> {
  const notifier = createTask(() => notify(condition));
  using lease = await condition.acquire();
  await condition.wait();
  await notifier;
  assert.equal(condition.locked(), true);
  lease.release();
  assert.equal(condition.locked(), false);
}

/** Hands `count` items over under the condition, to consumers of which some give up, and returns what arrived. */
async function exchange(condition: Condition, count: number): Promise<number[]> {
  const items: number[] = [];
  const taken: number[] = [];
  const consumer = async (): Promise<void> => {
    using _lease = await condition.acquire();
    await condition.waitFor(() => items.length > 0);
    taken.push(items.shift() as number);
  };
  const producer = createTask(async () => {
    for (let item = 0; item < count; item += 1) {
      using _lease = await condition.acquire();
      items.push(item);
      condition.notify();
      if (item % 3 === 0) await sleep("1ms");
    }
  });
  const impatient = Array.from({ length: count }, (_, index) => createTask(() => moveOnAfter(index % 5, consumer)));
  for (const task of [producer, ...impatient]) await task;
  while (taken.length < count) await consumer();
  assert.deepEqual(condition.statistics(), { locked: false, waiting: 0, waitingForLock: 0 });
  return taken;
}
