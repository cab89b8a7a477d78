import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { inspect } from "node:util";
import { CancelledError, createTask, Event, moveOnAfter, run } from "tsyncio";
import { simulate } from "tsyncio/testing";
import { turn } from "./turn.ts";

describe("an event", () => {
  test("wakes all who wait when it is set [test_locks: test_wait]", async () => {
    await run(async () => {
      const event = new Event();
      const log: number[] = [];
      for (const index of [1, 2, 3]) {
        createTask(() => event.wait().then(() => log.push(index)), { eager: true });
      }
      await turn();
      assert.deepEqual(log, []);
      assert.equal(event.statistics().waiting, 3);
      event.set();
      await turn();
      assert.deepEqual(log, [1, 2, 3]);
      assert.deepEqual(event.statistics(), { set: true, waiting: 0 });
    });
  });

  test("does not make those wait who come while it is set [test_locks: test_wait_on_set]", async () => {
    const event = new Event();
    event.set();
    await event.wait();
    assert.equal(event.statistics().waiting, 0);
  });

  test("forgets a waiter that is cancelled [test_locks: test_wait_cancel]", async () => {
    await run(async () => {
      const event = new Event();
      const waiter = createTask(() => event.wait(), { eager: true });
      waiter.cancel();
      await assert.rejects(async () => waiter, CancelledError);
      assert.equal(event.statistics().waiting, 0);
    });
  });

  test("releases those whom set() has woken although it is cleared before they run [test_locks: test_clear_with_waiters]", async () => {
    await run(async () => {
      const event = new Event();
      const waiter = createTask(() => event.wait(), { eager: true });
      event.set();
      event.clear();
      await waiter;
      assert.equal(event.isSet(), false);
    });
  });

  test("can be set and cleared again, which changes only the flag [test_locks: test_clear]", () => {
    const event = new Event();
    assert.equal(event.isSet(), false);
    event.set();
    event.set();
    assert.equal(event.isSet(), true);
    event.clear();
    assert.equal(event.isSet(), false);
  });

  test("that is set and awaited in a loop inside moveOnAfter ends", async () => {
    const event = new Event();
    event.set();
    let rounds = 0;
    await moveOnAfter("5ms", async () => {
      for (;;) {
        await event.wait();
        rounds += 1;
      }
    });
    assert.ok(rounds > 0);
  });

  test("wakes a waiter at the moment of set(), on the clock of a simulation", async () => {
    const woken = await simulate(async () => {
      const event = new Event();
      const setter = moveOnAfter("1h", () => new Event().wait()).then(() => event.set());
      await event.wait();
      await setter;
      return event.isSet();
    });
    assert.equal(woken, true);
  });

  test("shows its state when it is printed [test_locks: test_repr]", () => {
    const event = new Event();
    assert.equal(inspect(event), "<Event unset, waiting: 0>");
    event.set();
    assert.equal(inspect(event), "<Event set, waiting: 0>");
  });
});
