import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { expectTypeOf } from "expect-type";
import {
  after,
  CancelledError,
  createTask,
  Event,
  Future,
  type Job,
  type Lease,
  LifoQueue,
  Lock,
  moveOnAfter,
  PriorityQueue,
  Queue,
  QueueShutDown,
  run,
  select,
  type Selectable,
  Semaphore,
  sleep,
  type Task,
} from "tsyncio";
import { simulate } from "tsyncio/testing";
import { selectable, type Waiter } from "../src/kernel/selectable.ts";
import { microtasks, offsets, turn } from "./sync/turn.ts";

describe("select", () => {
  test("takes the first in the order of writing of those that are possible at once", async () => {
    const [a, b] = [new Queue<string>(), new Queue<string>()];
    a.putNowait("from a");
    b.putNowait("from b");
    assert.deepEqual(await select({ b, a }), { key: "b", value: "from b" });
    assert.deepEqual([a.qsize(), b.qsize()], [1, 0]);
  });

  test("waits for the first that becomes possible, in virtual time", async () => {
    await simulate(async () => {
      const queue = new Queue<number>();
      createTask(async () => {
        await sleep("1s");
        queue.putNowait(1);
      });
      assert.deepEqual(await select({ queue, late: after("2s") }), { key: "queue", value: 1 });
      assert.deepEqual(await select({ queue, late: after("2s") }), { key: "late", value: undefined });
    });
  });

  test("whose queues are both filled in one tick loses nothing", async () => {
    for (const order of ["ab", "ba"]) {
      for (const offset of offsets) {
        await run(async () => {
          const queues = { a: new Queue<string>(), b: new Queue<string>() };
          const choice = createTask(() => select(queues), { eager: true });
          for (const key of order as Iterable<"a" | "b">) {
            queues[key].putNowait(`from ${key}`);
            await microtasks(offset);
          }
          const [first, second] = order as unknown as ["a" | "b", "a" | "b"];
          assert.deepEqual(await choice, { key: first, value: `from ${first}` });
          assert.equal(queues[second].getNowait(), `from ${second}`);
          assert.equal(queues[first].empty(), true);
        });
      }
    }
  });

  test("chooses one of everything that can be selected, and the others leave no trace", async () => {
    for (const winner of ["task", "event", "late", "item", "put", "lease", "permits"] as const) {
      await simulate(async () => {
        const [event, lock, semaphore] = [new Event(), new Lock(), new Semaphore(1)];
        const [source, full] = [new Queue<number>(), new Queue<number>(1)];
        const future = new Future<string>();
        full.putNowait(0);
        await lock.acquire();
        const choosing = createTask(() =>
          select({
            task: future,
            event,
            late: after("1h"),
            item: source,
            put: full.putting(1),
            lease: lock.acquiring(),
            permits: semaphore.acquiring(2),
          }),
        );
        await sleep("1s");
        const happen = {
          task: () => future.setResult("done"),
          event: () => event.set(),
          late: () => sleep("1h"),
          item: () => source.putNowait(5),
          put: () => full.getNowait(),
          lease: () => lock.release(),
          permits: () => semaphore.release(),
        };
        await happen[winner]();
        assert.equal((await choosing).key, winner);
        const waiting = [
          event.statistics().waiting,
          lock.statistics().waiting,
          semaphore.statistics().waiting,
          source.statistics().getters,
          full.statistics().putters,
        ];
        assert.deepEqual(waiting, [0, 0, 0, 0, 0], winner);
        assert.equal(lock.locked(), true);
        assert.equal(full.full(), true);
        assert.equal(semaphore.statistics().free, winner === "permits" ? 0 : 1);
      });
    }
  });

  test("does none of them when it is cancelled, at each offset from the wake-up", async () => {
    for (const wakeFirst of [true, false]) {
      for (const offset of offsets) {
        await run(async () => {
          const [queue, lock] = [new Queue<number>(), new Lock()];
          await lock.acquire();
          const choosing = createTask(() => select({ queue, lease: lock.acquiring() }), { eager: true });
          if (wakeFirst) queue.putNowait(1);
          else choosing.cancel();
          await microtasks(offset);
          if (wakeFirst) choosing.cancel();
          else queue.putNowait(1);
          await turn();
          if (wakeFirst) assert.deepEqual(await choosing, { key: "queue", value: 1 });
          else await assert.rejects(async () => choosing, CancelledError);
          assert.equal(queue.qsize(), wakeFirst ? 0 : 1);
          assert.deepEqual([queue.statistics().getters, lock.statistics().waiting], [0, 0]);
        });
      }
    }
  });

  test("takes nothing in a scope that is cancelled already", async () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    await moveOnAfter(0, async () => {
      await assert.rejects(select({ queue }), CancelledError);
    });
    assert.equal(queue.qsize(), 1);
  });

  test("keeps its turn among those who wait for a lock, a permit or an item", async () => {
    await run(async () => {
      const queue = new Queue<number>();
      const first = createTask(() => queue.get(), { eager: true });
      const second = createTask(() => select({ queue }), { eager: true });
      const third = createTask(() => queue.get(), { eager: true });
      for (const item of [1, 2, 3]) queue.putNowait(item);
      assert.deepEqual([await first, await second, await third], [1, { key: "queue", value: 2 }, 3]);
    });
  });

  test("serves those behind it when it leaves a semaphore of which it wanted many permits", async () => {
    await run(async () => {
      const [semaphore, event] = [new Semaphore(1), new Event()];
      const choosing = createTask(() => select({ permits: semaphore.acquiring(2), event }), { eager: true });
      const behind = createTask(() => semaphore.acquire(), { eager: true });
      event.set();
      assert.equal((await choosing).key, "event");
      assert.ok(await behind);
    });
  });

  test("throws what a queue throws that is shut down, before or while it waits, and leaves the others", async () => {
    await run(async () => {
      const [queue, other] = [new Queue<number>(), new Queue<number>()];
      const choosing = createTask(() => select({ other, queue }), { eager: true });
      queue.shutdown();
      await assert.rejects(async () => choosing, QueueShutDown);
      assert.equal(other.statistics().getters, 0);
      await assert.rejects(select({ other, queue }), QueueShutDown);
      await assert.rejects(select({ other, put: queue.putting(1) }), QueueShutDown);
      assert.equal(other.statistics().getters, 0);
    });
  });

  test("throws the error of a task that fails, and the others leave no trace", async () => {
    await run(async () => {
      const [failing, queue] = [new Future<number>(), new Queue<number>()];
      const choosing = createTask(() => select({ queue, failing }), { eager: true });
      failing.setException(new Error("it failed"));
      await assert.rejects(async () => choosing, /it failed/);
      assert.equal(queue.statistics().getters, 0);
    });
  });

  test("may name one source several times", async () => {
    await run(async () => {
      const queue = new Queue<number>(1);
      queue.putNowait(0);
      const choosing = createTask(() => select({ one: queue.putting(1), two: queue.putting(2) }), { eager: true });
      assert.equal(queue.getNowait(), 0);
      assert.equal((await choosing).key, "one");
      assert.deepEqual([queue.getNowait(), queue.empty(), queue.statistics().putters], [1, true, 0]);
    });
  });

  test("leaves no trace in the others when one happens in the moment in which it is asked", async () => {
    const [before, behind] = [new Queue<number>(), new Queue<number>()];
    const sudden: Selectable<string> = {
      [selectable]: () => ({
        poll: () => undefined,
        subscribe: (waiter) => {
          waiter.resolve("now");
          return () => {};
        },
      }),
    };
    assert.deepEqual(await select({ before, sudden, behind }), { key: "sudden", value: "now" });
    assert.deepEqual([before.statistics().getters, behind.statistics().getters], [0, 0]);
  });

  test("refuses what cannot be selected, and nothing at all", async () => {
    await assert.rejects(select({}), TypeError);
    await assert.rejects(
      select({ odd: Promise.resolve(1) as unknown as Selectable<number> }),
      /"odd" cannot be selected/,
    );
  });

  test("gives each key the type of its value", () => {
    const choose = async (queue: Queue<number>, task: Task<string>, event: Event, lock: Lock) =>
      select({ queue, task, event, lease: lock.acquiring(), put: queue.putting(1), late: after("1s") });
    expectTypeOf<Awaited<ReturnType<typeof choose>>>().toEqualTypeOf<
      | { readonly key: "queue"; readonly value: number }
      | { readonly key: "task"; readonly value: string }
      | { readonly key: "event"; readonly value: void }
      | { readonly key: "lease"; readonly value: Lease }
      | { readonly key: "put"; readonly value: void }
      | { readonly key: "late"; readonly value: void }
    >();
  });
});

describe("a chance that is offered to somebody who no longer wants it", () => {
  const refusing: Waiter<unknown> = { resolve: () => false, reject: () => false };

  test("goes to the next who waits for an item, or stays in the queue", async () => {
    const queue = new Queue<number>();
    queue[selectable]().subscribe(refusing);
    const waiting = queue.get();
    queue.putNowait(1);
    assert.equal(await waiting, 1);
    queue[selectable]().subscribe(refusing);
    queue.putNowait(2);
    assert.equal(queue.getNowait(), 2);
  });

  test("goes to the next who waits for room", async () => {
    const queue = new Queue<number>(1);
    queue.putNowait(1);
    queue.putting(2)[selectable]().subscribe(refusing);
    const waiting = queue.put(3);
    assert.equal(queue.getNowait(), 1);
    await waiting;
    assert.equal(queue.getNowait(), 3);
  });

  test("goes to the next who waits for a lock, or frees it", async () => {
    const lock = new Lock();
    const lease = await lock.acquire();
    lock.acquiring()[selectable]().subscribe(refusing);
    const waiting = lock.acquire();
    lease.release();
    const next = await waiting;
    lock.acquiring()[selectable]().subscribe(refusing);
    next.release();
    assert.equal(lock.locked(), false);
  });

  test("goes to the next who waits for permits, or frees them", async () => {
    const semaphore = new Semaphore(0);
    semaphore.acquiring(2)[selectable]().subscribe(refusing);
    const waiting = semaphore.acquire();
    semaphore.release(2);
    await waiting;
    assert.deepEqual(semaphore.statistics(), { free: 1, waiting: 0 });
  });
});

describe("the types of tasks, locks and queues", () => {
  test("let a queue of any kind stand where a queue is expected, and its items have its type", () => {
    expectTypeOf<LifoQueue<string>>().toExtend<Queue<string>>();
    expectTypeOf<PriorityQueue<string>>().toExtend<Queue<string>>();
    expectTypeOf<Queue<string>>().not.toExtend<Queue<number>>();
    expectTypeOf<Queue<string>["get"]>().returns.toEqualTypeOf<Promise<string>>();
    expectTypeOf<Queue<string>["put"]>().parameters.toEqualTypeOf<[item: string]>();
    expectTypeOf<Queue<string>>().toExtend<Selectable<string>>();
    expectTypeOf<Queue<string>>().toExtend<AsyncIterable<string>>();
    expectTypeOf<ReturnType<Queue<string>["putting"]>>().toEqualTypeOf<Selectable<void>>();
  });

  test("let a lease stand in a using", () => {
    expectTypeOf<Lease>().toExtend<Disposable>();
    expectTypeOf<Lock["acquire"]>().returns.resolves.toEqualTypeOf<Lease>();
    expectTypeOf<Semaphore["tryAcquire"]>().returns.toEqualTypeOf<Lease | undefined>();
  });

  test("let a task of numbers stand where any task or job can", () => {
    expectTypeOf<Task<number>>().toExtend<Task<unknown>>();
    expectTypeOf<Task<number>>().toExtend<Job<unknown>>();
    expectTypeOf<Task<number>>().not.toExtend<Task<string>>();
  });
});
