import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { Barrier, BrokenBarrierError, CancelledError, cancelScope, createTask, gather, run, type Task } from "tsyncio";
import { simulate } from "tsyncio/testing";
import { turn } from "./turn.ts";

function party(barrier: Barrier): Task<number> {
  return createTask(() => barrier.wait(), { eager: true });
}

function parties(barrier: Barrier, count: number): Task<number>[] {
  return Array.from({ length: count }, () => party(barrier));
}

async function expectBroken(tasks: readonly Task<number>[]): Promise<void> {
  for (const task of tasks) await assert.rejects(async () => task, BrokenBarrierError);
}

describe("a barrier", () => {
  test("needs at least one party [test_locks: test_barrier_parties]", () => {
    for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.throws(() => new Barrier(wrong), RangeError);
    }
  });

  test("of one party never makes it wait [test_locks: test_filling_one_task, test_filling_one_task_twice]", async () => {
    const barrier = new Barrier(1);
    assert.equal(await barrier.wait(), 0);
    assert.equal(await barrier.wait(), 0);
    assert.equal(barrier.broken, false);
  });

  test("releases all when the last one comes, and is empty then [test_locks: test_filling_task_by_task]", async () => {
    await run(async () => {
      const barrier = new Barrier(3);
      const first = party(barrier);
      const second = party(barrier);
      await turn();
      assert.deepEqual(barrier.statistics(), { parties: 3, waiting: 2, broken: false });
      assert.equal(first.done() || second.done(), false);
      assert.deepEqual(await gather([first, second, party(barrier)]), [0, 1, 2]);
      assert.deepEqual(barrier.statistics(), { parties: 3, waiting: 0, broken: false });
    });
  });

  test("gives each party of a round another number [test_locks: test_filling_tasks_check_return_value, test_context_manager]", async () => {
    for (let seed = 0; seed < 50; seed += 1) {
      const numbers = await simulate(
        async () => {
          const barrier = new Barrier(5);
          return gather(Array.from({ length: 5 }, () => () => barrier.wait()));
        },
        { seed },
      );
      assert.deepEqual(
        numbers.toSorted((a, b) => a - b),
        [0, 1, 2, 3, 4],
      );
    }
  });

  test("is used in rounds, and nobody is two rounds ahead [test_locks: test_filling_tasks_wait_twice, test_blocking_tasks_while_draining]", async () => {
    for (let seed = 0; seed < 100; seed += 1) {
      await simulate(
        async () => {
          const barrier = new Barrier(4);
          const rounds = [0, 0, 0, 0];
          const runner = async (index: number): Promise<void> => {
            for (let round = 1; round <= 5; round += 1) {
              await barrier.wait();
              rounds[index] = round;
              assert.ok(Math.max(...rounds) - Math.min(...rounds) <= 1, `seed ${seed}: ${rounds.join()}`);
            }
          };
          await gather(rounds.map((_, index) => () => runner(index)));
        },
        { seed },
      );
    }
  });

  test("takes those who come early for the next round, although the last one has not yet left [test_locks: test_draining_state]", async () => {
    await run(async () => {
      const barrier = new Barrier(2);
      const round = parties(barrier, 2);
      const early = party(barrier);
      assert.equal(barrier.waiting, 1);
      await gather(round);
      assert.equal(early.done(), false);
      await party(barrier);
      assert.equal(await early, 0);
    });
  });

  test("leaves a cancelled party out of the count [test_locks: test_filling_tasks_cancel_one]", async () => {
    await run(async () => {
      const barrier = new Barrier(3);
      const [cancelled, kept] = parties(barrier, 2) as [Task<number>, Task<number>];
      cancelled.cancel();
      await assert.rejects(async () => cancelled, CancelledError);
      assert.equal(barrier.waiting, 1);
      assert.deepEqual(await gather([kept, ...parties(barrier, 2)]), [0, 1, 2]);
    });
  });

  test("is not completed by a party whose scope is cancelled already", async () => {
    await run(async () => {
      const barrier = new Barrier(2);
      const waiting = party(barrier);
      await cancelScope(async (scope) => {
        scope.cancel();
        await assert.rejects(barrier.wait(), CancelledError);
      });
      assert.equal(waiting.done(), false);
      assert.equal(barrier.waiting, 1);
    });
  });

  test("throws those who wait out when it is reset, and can be used again [test_locks: test_reset_barrier, test_reset_barrier_while_tasks_waiting, test_reset_barrier_while_tasks_waiting_and_waiting_again]", async () => {
    await run(async () => {
      const barrier = new Barrier(3);
      const waiting = parties(barrier, 2);
      barrier.reset();
      await expectBroken(waiting);
      assert.equal(barrier.broken, false);
      assert.deepEqual(await gather(parties(barrier, 3)), [0, 1, 2]);
    });
  });

  test("lets a round that is complete go on when it is reset or aborted before that one has left [test_locks: test_reset_barrier_while_tasks_draining, test_reset_barrier_when_tasks_half_draining, test_reset_barrier_when_tasks_half_draining_half_blocking, test_abort_barrier_when_tasks_half_draining_half_blocking]", async () => {
    await run(async () => {
      for (const end of ["reset", "abort"] as const) {
        const barrier = new Barrier(2);
        const round = parties(barrier, 2);
        const early = party(barrier);
        barrier[end]();
        assert.deepEqual(await gather(round), [0, 1]);
        await expectBroken([early]);
        assert.deepEqual(barrier.statistics(), { parties: 2, waiting: 0, broken: end === "abort" });
      }
    });
  });

  test("is broken from abort() until reset() [test_locks: test_abort_barrier, test_abort_barrier_when_exception, test_abort_barrier_when_exception_then_resetting]", async () => {
    await run(async () => {
      const barrier = new Barrier(3);
      const waiting = parties(barrier, 2);
      barrier.abort();
      await expectBroken(waiting);
      await assert.rejects(barrier.wait(), BrokenBarrierError);
      assert.deepEqual(barrier.statistics(), { parties: 3, waiting: 0, broken: true });
      barrier.reset();
      assert.deepEqual(await gather(parties(barrier, 3)), [0, 1, 2]);
    });
  });

  test("shows its state when it is printed [test_locks: test_repr]", () => {
    const barrier = new Barrier(2);
    assert.equal(inspect(barrier), "<Barrier filling, waiting: 0/2>");
    barrier.abort();
    assert.equal(inspect(barrier), "<Barrier broken, waiting: 0/2>");
  });
});
