import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  after,
  createTask,
  gather,
  isCancelled,
  type Lease,
  Lock,
  moveOnAfter,
  select,
  type Selectable,
  Semaphore,
  sleep,
} from "tsyncio";
import { simulate, waitAllTasksBlocked } from "tsyncio/testing";

/** What one task does: after a pause it asks for permits, keeps them for a while, and may stop waiting before. */
interface Visit {
  readonly pause: number;
  readonly permits: number;
  readonly stay: number;
  readonly patience: number;
  readonly way: "acquire" | "acquire within a time" | "acquire until cancelled" | "select" | "try";
}

const visits: fc.Arbitrary<Visit[]> = fc.array(
  fc.record({
    pause: fc.nat({ max: 4 }),
    permits: fc.integer({ min: 1, max: 3 }),
    stay: fc.nat({ max: 3 }),
    patience: fc.nat({ max: 4 }),
    way: fc.constantFrom("acquire", "acquire within a time", "acquire until cancelled", "select", "try"),
  }),
  { maxLength: 25, size: "max" },
);

/** A lock or a semaphore, as the scripts use it. */
interface Guard {
  readonly capacity: number;
  acquire(permits: number): Promise<Lease>;
  acquiring(permits: number): Selectable<Lease>;
  tryAcquire(permits: number): Lease | undefined;
  waiting(): number;
}

function semaphoreGuard(capacity: number): Guard {
  const semaphore = new Semaphore(capacity);
  const capped = (permits: number): number => Math.min(permits, capacity);
  return {
    capacity,
    acquire: (permits) => semaphore.acquire(capped(permits)),
    acquiring: (permits) => semaphore.acquiring(capped(permits)),
    tryAcquire: (permits) => semaphore.tryAcquire(capped(permits)),
    waiting: () => semaphore.statistics().waiting,
  };
}

function lockGuard(): Guard {
  const lock = new Lock();
  return {
    capacity: 1,
    acquire: () => lock.acquire(),
    acquiring: () => lock.acquiring(),
    tryAcquire: () => lock.tryAcquire(),
    waiting: () => lock.statistics().waiting,
  };
}

/** Who waits and who holds, as seen from outside, to be compared with what the primitive does. */
class Watch {
  held = 0;
  readonly arrivals: number[] = [];
  readonly grants: number[] = [];
}

async function visit(
  index: number,
  { pause, permits, stay, patience, way }: Visit,
  guard: Guard,
  watch: Watch,
): Promise<void> {
  await sleep(pause);
  const wanted = Math.min(permits, guard.capacity);
  const hold = async (lease: Lease): Promise<void> => {
    using _lease = lease;
    watch.held += wanted;
    try {
      assert.ok(watch.held <= guard.capacity, `${watch.held} of ${guard.capacity} permits are held`);
      await sleep(stay);
    } finally {
      watch.held -= wanted;
    }
  };
  switch (way) {
    case "acquire": {
      watch.arrivals.push(index);
      const lease = await guard.acquire(permits);
      watch.grants.push(index);
      return hold(lease);
    }
    case "acquire until cancelled":
      return hold(await guard.acquire(permits));
    case "acquire within a time":
      await moveOnAfter(patience, async () => hold(await guard.acquire(permits)));
      return;
    case "select": {
      const choice = await select({ lease: guard.acquiring(permits), late: after(patience) });
      if (choice.key === "lease") await hold(choice.value);
      return;
    }
    case "try": {
      const lease = guard.tryAcquire(permits);
      if (lease !== undefined) await hold(lease);
    }
  }
}

async function check(script: readonly Visit[], guard: Guard): Promise<void> {
  const watch = new Watch();
  const tasks = script.map((each, index) => createTask(() => visit(index, each, guard, watch)));
  const cancellers = script.map(({ way, pause, patience }, index) => async () => {
    if (way !== "acquire until cancelled") return;
    await sleep(pause + patience);
    tasks[index]?.cancel();
  });
  await gather(cancellers);
  for (const task of tasks) await task.catch((error: unknown) => assert.ok(isCancelled(error)));
  await waitAllTasksBlocked();
  assert.equal(watch.held, 0);
  assert.equal(guard.waiting(), 0);
  assert.notEqual(guard.tryAcquire(guard.capacity), undefined, "permits were lost");
  assert.equal(guard.tryAcquire(1), undefined, "permits were doubled");
  // Those who were granted permits in one tick may note it in any order, but for a guard of one it is that of coming.
  if (guard.capacity === 1) assert.deepEqual(watch.grants, watch.arrivals, "somebody jumped the line");
}

describe("whatever tasks do with a lock or a semaphore, in whatever order they wake up", () => {
  test("a lock has one holder at most, goes to each in the order of coming, and is free in the end", async () => {
    await fc.assert(
      fc.asyncProperty(visits, fc.nat(), async (script, seed) => {
        await simulate(() => check(script, lockGuard()), { seed });
      }),
      { numRuns: 200 },
    );
  });

  test("a semaphore gives no permit twice, loses none, and leaves nobody waiting", async () => {
    await fc.assert(
      fc.asyncProperty(visits, fc.integer({ min: 1, max: 4 }), fc.nat(), async (script, capacity, seed) => {
        await simulate(() => check(script, semaphoreGuard(capacity)), { seed });
      }),
      { numRuns: 200 },
    );
  });

  test("a semaphore serves strictly in the order of coming, however many permits each wants", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 12 }), async (wants) => {
        const semaphore = new Semaphore(0);
        const granted = wants.map(() => false);
        const waits = wants.map((permits, index) => semaphore.acquire(permits).then(() => (granted[index] = true)));
        let given = 0;
        while (granted.includes(false)) {
          semaphore.release();
          given += 1;
          await new Promise((resolve) => setImmediate(resolve));
          let needed = 0;
          const expected = wants.map((permits) => (needed += permits) <= given);
          assert.deepEqual(granted, expected);
        }
        await Promise.all(waits);
      }),
      { numRuns: 50 },
    );
  });
});
