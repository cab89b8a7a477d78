import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import {
  BoundedSemaphore,
  CancelledError,
  cancelScope,
  Condition,
  createTask,
  InvalidStateError,
  type Lease,
  Lock,
  run,
  Semaphore,
  type Task,
} from "tsyncio";
import { offsets, turn, microtasks } from "./turn.ts";

/** A task that acquires the lock, notes it, and keeps it. */
function acquirer(lock: Lock, name: string, log: string[]): Task<Lease> {
  return createTask(
    async () => {
      const lease = await lock.acquire();
      log.push(name);
      return lease;
    },
    { name, eager: true },
  );
}

describe("a lock", () => {
  test("says whether it is held [test_locks: test_lock, test_release_no_waiters]", async () => {
    const lock = new Lock();
    assert.equal(lock.locked(), false);
    await lock.acquire();
    assert.equal(lock.locked(), true);
    lock.release();
    assert.equal(lock.locked(), false);
  });

  test("is given back at the end of the block of a using [test_locks: test_context_manager]", async () => {
    const lock = new Lock();
    {
      using lease = await lock.acquire();
      assert.ok(lease);
      assert.equal(lock.locked(), true);
    }
    assert.equal(lock.locked(), false);
  });

  test("is given back when the block of a using throws", async () => {
    const lock = new Lock();
    const failing = async (): Promise<void> => {
      using _lease = await lock.acquire();
      throw new Error("inside");
    };
    await assert.rejects(failing, /inside/);
    assert.equal(lock.locked(), false);
  });

  test("goes to those who wait in the order of their coming, one at a time [test_locks: test_acquire]", async () => {
    await run(async () => {
      const lock = new Lock();
      const log: string[] = [];
      await lock.acquire();
      for (const name of ["a", "b", "c"]) acquirer(lock, name, log);
      await turn();
      assert.deepEqual(log, []);
      for (const expected of [["a"], ["a", "b"], ["a", "b", "c"]]) {
        lock.release();
        await turn();
        assert.deepEqual(log, expected);
        assert.equal(lock.locked(), true);
      }
      lock.release();
      assert.equal(lock.locked(), false);
    });
  });

  test("is handed over in the moment of its release, so that nobody can come between", async () => {
    await run(async () => {
      const lock = new Lock();
      const log: string[] = [];
      const first = await lock.acquire();
      acquirer(lock, "waiter", log);
      first.release();
      assert.equal(lock.tryAcquire(), undefined);
      await turn();
      assert.deepEqual(log, ["waiter"]);
    });
  });

  test("forgets a waiter that is cancelled [test_locks: test_acquire_cancel]", async () => {
    await run(async () => {
      const lock = new Lock();
      await lock.acquire();
      const waiter = acquirer(lock, "waiter", []);
      waiter.cancel();
      await assert.rejects(async () => waiter, CancelledError);
      assert.deepEqual(lock.statistics(), { locked: true, waiting: 0 });
    });
  });

  test("passes a cancelled waiter over [test_locks: test_cancel_race]", async () => {
    await run(async () => {
      const lock = new Lock();
      const log: string[] = [];
      await lock.acquire();
      const a = acquirer(lock, "a", log);
      acquirer(lock, "b", log);
      a.cancel();
      lock.release();
      await turn();
      assert.deepEqual(log, ["b"]);
      assert.equal(a.cancelled(), true);
    });
  });

  test("is held exactly once when the first waiter is cancelled while it is released [test_locks: test_cancel_release_race]", async () => {
    for (const releaseFirst of [true, false]) {
      for (const offset of offsets) {
        await run(async () => {
          const lock = new Lock();
          const log: string[] = [];
          await lock.acquire();
          const waiters = ["a", "b"].map((name) => acquirer(lock, name, log));
          const cancel = (): void => void waiters[0]?.cancel();
          const release = (): void => lock.release();
          const [first, second] = releaseFirst ? [release, cancel] : [cancel, release];
          first();
          await microtasks(offset);
          second();
          await turn();
          // One that was given the lock before the cancellation keeps it; otherwise it goes to the other.
          assert.deepEqual(log, [releaseFirst ? "a" : "b"], `offset ${offset}`);
          assert.equal(lock.locked(), true);
        });
      }
    }
  });

  test("moves on from a waiter that was woken and cancelled at once, when that gives it back [test_locks: test_finished_waiter_cancelled]", async () => {
    await run(async () => {
      const lock = new Lock();
      const log: string[] = [];
      await lock.acquire();
      const woken = createTask(
        async () => {
          using _lease = await lock.acquire();
          await turn();
          await lock.acquire();
        },
        { eager: true },
      );
      acquirer(lock, "next", log);
      lock.release();
      woken.cancel();
      await assert.rejects(async () => woken, CancelledError);
      await turn();
      assert.deepEqual(log, ["next"]);
    });
  });

  test("cannot be released by somebody when nobody holds it [test_locks: test_release_not_acquired]", () => {
    assert.throws(() => new Lock().release(), InvalidStateError);
  });

  test("is not given back a second time by a lease that was released before", async () => {
    const lock = new Lock();
    const old = await lock.acquire();
    old.release();
    const current = await lock.acquire();
    old.release();
    old[Symbol.dispose]();
    assert.equal(lock.locked(), true);
    current.release();
    assert.equal(lock.locked(), false);
  });

  test("makes the lease of its holder void when it is released without it", async () => {
    const lock = new Lock();
    const old = await lock.acquire();
    lock.release();
    await lock.acquire();
    old.release();
    assert.equal(lock.locked(), true);
  });

  test("is not taken in a scope that is cancelled already", async () => {
    const lock = new Lock();
    await cancelScope(async (scope) => {
      scope.cancel();
      await assert.rejects(lock.acquire(), CancelledError);
    });
    assert.equal(lock.locked(), false);
  });

  test("itself in a using, instead of its lease, fails at once with a hint [test_locks: test_lock_by_with_statement]", async () => {
    for (const guard of [new Lock(), new Semaphore(), new BoundedSemaphore(), new Condition()]) {
      const misuse = (): void => {
        using _guard = guard as unknown as Disposable;
        assert.fail("the block must not begin");
      };
      assert.throws(
        misuse,
        /not held by naming it: write `using lease = await (lock|semaphore|condition)\.acquire\(\)`/,
      );
    }
  });

  test("shows its state when it is printed [test_locks: test_repr]", async () => {
    const lock = new Lock();
    assert.equal(inspect(lock), "<Lock unlocked, waiting: 0>");
    await lock.acquire();
    assert.equal(inspect(lock), "<Lock locked, waiting: 0>");
  });
});
