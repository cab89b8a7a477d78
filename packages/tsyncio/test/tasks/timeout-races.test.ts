import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type CancelledError,
  createTask,
  Future,
  getRunningLoop,
  isCancelled,
  Queue,
  sleep,
  sleepForever,
  type Timeout,
  timeout,
  timeoutAt,
  TimeoutError,
} from "../../src/index.ts";
import { explore, simulate } from "../../src/testing.ts";
import { afterTicks, atEveryOffset } from "./every-offset.ts";
import { rejection } from "./rejection.ts";

/** Blocks the thread, as a computation does. */
function computeFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

describe("nested timeouts", () => {
  test("with one deadline: the outermost throws, the inner sees its cancellation, both have expired [test_timeouts: test_nested_timeouts]", () =>
    explore(
      async () => {
        let seen: unknown;
        const blocks: Timeout[] = [];
        const deadline = getRunningLoop().time() + 10;
        const error = await rejection(
          timeoutAt(deadline, async (outer) => {
            blocks.push(outer);
            const nested = timeoutAt(deadline, async (inner) => {
              blocks.push(inner);
              await sleepForever();
            });
            seen = await rejection(nested);
            throw seen;
          }),
        );
        assert.ok(error instanceof TimeoutError && isCancelled(seen));
        assert.equal(error.cause, seen);
        assert.deepEqual(
          blocks.map((block) => block.state),
          ["expired", "expired"],
        );
      },
      { runs: 100 },
    ));

  for (const [outer, inner, what] of [
    [2, 20, "the outer deadline only, it strikes [test_timeouts: test_nested_timeouts_concurrent]"],
    [4, 2, "both deadlines, the outer one wins [test_timeouts: test_nested_timeouts_loop_busy]"],
  ] as const) {
    test(`whose thread is blocked past ${what}`, async () => {
      let seen: unknown;
      const error = await rejection(
        timeout(outer, async () => {
          const nested = timeout(inner, async () => {
            computeFor(8);
            await sleep("1h");
          });
          seen = await rejection(nested);
          await sleep("1h");
        }),
      );
      assert.ok(isCancelled(seen));
      assert.ok(error instanceof TimeoutError);
      assert.equal(error.message, `timeout(${outer}) expired`);
    });
  }

  test("with deadlines in any order: the earlier one strikes first, and the outer one is never lost", () =>
    simulate(async () => {
      for (const [outer, inner] of [
        [10, 20],
        [20, 10],
        [10, 10],
      ] as const) {
        const start = getRunningLoop().time();
        const times: number[] = [];
        const error = await rejection(
          timeout(outer, async () => {
            await timeout(inner, () => sleepForever()).catch(() => {});
            times.push(getRunningLoop().time() - start);
            await sleep("1h");
          }),
        );
        assert.equal((error as Error).message, `timeout(${outer}) expired`);
        assert.deepEqual([times, getRunningLoop().time() - start], [[Math.min(outer, inner)], outer]);
      }
    }));
});

describe("a deadline and", () => {
  test("a value in one moment: one of the two comes out, and the value is not lost", () =>
    explore(
      async () => {
        for (let offset = 0; offset < 6; offset += 1) {
          const future = new Future<string>();
          const deadline = getRunningLoop().time() + 10;
          getRunningLoop().callAt(deadline, () => void afterTicks(offset, () => future.setResult("value")));
          let block!: Timeout;
          const outcome = await timeoutAt(deadline, (given) => {
            block = given;
            return future.then();
          }).catch((error: unknown) => error);
          if (outcome !== "value") assert.ok(outcome instanceof TimeoutError && block.expired());
          assert.equal(await future, "value");
        }
      },
      { runs: 100 },
    ));

  test("an item in one moment: either the body has it, or the queue", () =>
    explore(
      async () => {
        const queue = new Queue<string>();
        const start = getRunningLoop().time();
        createTask(async () => {
          await sleep(10);
          await queue.put("item");
        });
        const outcome = await timeout(10, () => queue.get()).catch((error: unknown) => error);
        await sleep(10);
        if (outcome === "item") assert.equal(queue.qsize(), 0);
        else assert.deepEqual([outcome instanceof TimeoutError, queue.qsize()], [true, 1]);
        assert.equal(getRunningLoop().time() - start, 20);
      },
      { runs: 100 },
    ));

  test("a cancellation from outside in one moment: the cancellation comes out, unless the edge of the timeout was passed by then", () =>
    atEveryOffset(async (offset) => {
      let block!: Timeout;
      const task = createTask(() =>
        timeout(null, async (given) => {
          block = given;
          await sleepForever();
        }),
      );
      await sleep(1);
      // Moving the deadline into the past is a deadline that strikes in this microtask.
      block.reschedule(0);
      await afterTicks(offset, () => task.cancel("from outside"));
      const error = await rejection(task);
      if (offset === 0) assert.equal(task.cancelled(), true);
      if (task.cancelled()) assert.equal((error as CancelledError).reason, "from outside");
      else assert.ok(error instanceof TimeoutError);
    }));

  test("the end of the body in one moment: a body that ended in time is not said to have expired", () =>
    explore(
      async () => {
        let block!: Timeout;
        const outcome = await timeout(10, async (given) => {
          block = given;
          return sleep(10, "in time");
        }).catch((error: unknown) => error);
        if (outcome !== "in time") assert.ok(outcome instanceof TimeoutError);
        assert.equal(block.state, block.expired() ? "expired" : "finished");
        assert.equal(outcome !== "in time" && !block.expired(), false);
      },
      { runs: 100 },
    ));
});
