import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import {
  BoundedSemaphore,
  CancelledError,
  cancelScope,
  createTask,
  InvalidStateError,
  type Lease,
  run,
  Semaphore,
  type Task,
} from "tsyncio";
import { microtasks, offsets, turn } from "./turn.ts";

/** A task that acquires permits, notes it, and keeps them. */
function acquirer(semaphore: Semaphore, name: string, log: string[], permits = 1): Task<Lease> {
  return createTask(
    async () => {
      const lease = await semaphore.acquire(permits);
      log.push(name);
      return lease;
    },
    { name, eager: true },
  );
}

describe("a semaphore", () => {
  test("may have no permits at first [test_locks: test_initial_value_zero]", () => {
    assert.equal(new Semaphore(0).locked(), true);
    assert.equal(new Semaphore().statistics().free, 1);
    assert.equal(new Semaphore(Number.POSITIVE_INFINITY).locked(), false);
  });

  test("refuses a number of permits that is negative, fractional or NaN [test_locks: test_semaphore_value]", async () => {
    for (const wrong of [-1, 1.5, Number.NaN, Number.NEGATIVE_INFINITY]) {
      assert.throws(() => new Semaphore(wrong), RangeError);
      assert.throws(() => new Semaphore(5).tryAcquire(wrong), RangeError);
      assert.throws(() => new Semaphore(5).release(wrong), RangeError);
      assert.throws(() => new Semaphore(5).acquiring(wrong), RangeError);
      await assert.rejects(new Semaphore(5).acquire(wrong), RangeError);
    }
    for (const wrong of [0, Number.POSITIVE_INFINITY])
      await assert.rejects(new Semaphore(5).acquire(wrong), RangeError);
  });

  test("gives its permits in the order of coming, and is locked when there are none [test_locks: test_acquire]", async () => {
    await run(async () => {
      const semaphore = new Semaphore(3);
      const log: string[] = [];
      await semaphore.acquire();
      await semaphore.acquire();
      assert.equal(semaphore.locked(), false);
      for (const name of ["a", "b", "c", "d"]) acquirer(semaphore, name, log);
      await turn();
      assert.deepEqual(log, ["a"]);
      assert.equal(semaphore.locked(), true);
      semaphore.release(2);
      await turn();
      assert.deepEqual(log, ["a", "b", "c"]);
      assert.deepEqual(semaphore.statistics(), { free: 0, waiting: 1 });
    });
  });

  test("forgets a waiter that is cancelled, and loses no permit [test_locks: test_acquire_cancel, test_acquire_cancel_before_awoken]", async () => {
    await run(async () => {
      const semaphore = new Semaphore(0);
      const log: string[] = [];
      const waiters = ["a", "b", "c", "d"].map((name) => acquirer(semaphore, name, log));
      waiters[0]?.cancel();
      waiters[1]?.cancel();
      semaphore.release(2);
      await turn();
      assert.deepEqual(log, ["c", "d"]);
      assert.deepEqual(semaphore.statistics(), { free: 0, waiting: 0 });
    });
  });

  test("does not hang those who come after a cancelled waiter [test_locks: test_acquire_hang, test_acquire_no_hang]", async () => {
    await run(async () => {
      const semaphore = new Semaphore(0);
      const log: string[] = [];
      const a = acquirer(semaphore, "a", log);
      const b = acquirer(semaphore, "b", log);
      a.cancel();
      semaphore.release();
      await b;
      semaphore.release();
      await acquirer(semaphore, "c", log);
      assert.deepEqual(log, ["b", "c"]);
    });
  });

  test("loses and doubles no permit when a cancellation and a release race, at each offset", async () => {
    for (const releaseFirst of [true, false]) {
      for (const offset of offsets) {
        await run(async () => {
          const semaphore = new Semaphore(0);
          const log: string[] = [];
          const [a] = ["a", "b"].map((name) => acquirer(semaphore, name, log));
          if (releaseFirst) semaphore.release();
          else a?.cancel();
          await microtasks(offset);
          if (releaseFirst) a?.cancel();
          else semaphore.release();
          await turn();
          assert.deepEqual(log, [releaseFirst ? "a" : "b"], `offset ${offset}`);
          assert.equal(semaphore.statistics().free, 0);
        });
      }
    }
  });

  test("does not let one that releases and acquires at once overtake those who wait [test_locks: test_acquire_fifo_order]", async () => {
    await run(async () => {
      const semaphore = new Semaphore(1);
      const log: string[] = [];
      const worker = async (name: string): Promise<void> => {
        for (let round = 1; round <= 3; round += 1) {
          using _lease = await semaphore.acquire();
          log.push(`${name}${round}`);
        }
      };
      const workers = ["a", "b", "c"].map((name) => createTask(() => worker(name), { eager: true }));
      for (const each of workers) await each;
      assert.deepEqual(log, ["a1", "b1", "c1", "a2", "b2", "c2", "a3", "b3", "c3"]);
    });
  });

  test("keeps the order although a waiter in the middle is cancelled [test_locks: test_acquire_fifo_order_2, test_acquire_fifo_order_3]", async () => {
    await run(async () => {
      const semaphore = new Semaphore(1);
      const log: string[] = [];
      const first = await semaphore.acquire();
      const waiters = ["a", "b", "c"].map((name) => acquirer(semaphore, name, log));
      waiters[1]?.cancel();
      first.release();
      await turn();
      semaphore.release();
      acquirer(semaphore, "d", log);
      await turn();
      assert.deepEqual(log, ["a", "c"]);
    });
  });

  test("is locked for those who come while others wait for more than is free [test_locks: test_acquire_fifo_order_4]", async () => {
    await run(async () => {
      const semaphore = new Semaphore(2);
      const log: string[] = [];
      acquirer(semaphore, "many", log, 3);
      assert.deepEqual(semaphore.statistics(), { free: 2, waiting: 1 });
      assert.equal(semaphore.locked(), true);
      assert.equal(semaphore.tryAcquire(), undefined);
      acquirer(semaphore, "few", log);
      await turn();
      assert.deepEqual(log, []);
      semaphore.release();
      await turn();
      assert.deepEqual(log, ["many"]);
    });
  });

  test("serves those behind one who wanted more than there is when that one is cancelled", async () => {
    await run(async () => {
      const semaphore = new Semaphore(2);
      const log: string[] = [];
      const many = acquirer(semaphore, "many", log, 3);
      acquirer(semaphore, "a", log);
      acquirer(semaphore, "b", log);
      many.cancel();
      await turn();
      assert.deepEqual(log, ["a", "b"]);
    });
  });

  test("gets all permits of a lease back, once [test_locks: test_semaphore, test_context_manager, test_release_no_waiters]", async () => {
    const semaphore = new Semaphore(5);
    const lease = await semaphore.acquire(3);
    assert.equal(semaphore.statistics().free, 2);
    lease.release();
    lease[Symbol.dispose]();
    assert.equal(semaphore.statistics().free, 5);
  });

  test("gives nothing in a scope that is cancelled already", async () => {
    const semaphore = new Semaphore(1);
    await cancelScope(async (scope) => {
      scope.cancel();
      await assert.rejects(semaphore.acquire(), CancelledError);
    });
    assert.equal(semaphore.statistics().free, 1);
  });

  test("gives nothing to those who are cancelled together with the one before them", async () => {
    const semaphore = new Semaphore(2);
    await semaphore.acquire();
    await cancelScope(async (scope) => {
      const waiting = [semaphore.acquire(2), semaphore.acquire(1)];
      scope.cancel();
      for (const { status } of await Promise.allSettled(waiting)) assert.equal(status, "rejected");
    });
    assert.deepEqual(semaphore.statistics(), { free: 1, waiting: 0 });
  });

  test("serves 100,000 waiters in linear time", async () => {
    await run(async () => {
      const semaphore = new Semaphore(0);
      const waiting = Array.from({ length: 100_000 }, () => semaphore.acquire());
      for (let index = 0; index < waiting.length; index += 1) semaphore.release();
      await Promise.all(waiting);
      assert.deepEqual(semaphore.statistics(), { free: 0, waiting: 0 });
    });
  });

  test("shows its state when it is printed [test_locks: test_repr]", () => {
    assert.equal(inspect(new Semaphore(2)), "<Semaphore free: 2, waiting: 0>");
  });
});

describe("a bounded semaphore", () => {
  test("refuses a release that would make more permits than at first [test_locks: test_release_not_acquired]", async () => {
    const semaphore = new BoundedSemaphore(2);
    assert.throws(() => semaphore.release(), InvalidStateError);
    await semaphore.acquire();
    assert.throws(() => semaphore.release(2), InvalidStateError);
    semaphore.release();
    assert.deepEqual(semaphore.statistics(), { free: 2, waiting: 0 });
  });

  test("refuses to wait for more permits than there are", async () => {
    await assert.rejects(new BoundedSemaphore(2).acquire(3), RangeError);
    assert.throws(() => new BoundedSemaphore(2).acquiring(3), RangeError);
  });
});
