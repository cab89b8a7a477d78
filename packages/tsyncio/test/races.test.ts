import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, test } from "node:test";
import {
  asCompleted,
  Barrier,
  Broadcast,
  createTask,
  Event,
  Future,
  limiter,
  on,
  once,
  Queue,
  run,
  select,
  taskGroup,
  wait,
} from "tsyncio";
import { microtasks, offsets, turn } from "./sync/turn.ts";

/** One wait, what ends it, and what is left afterwards if it was woken, or cancelled before that. */
interface Race {
  ask(): Promise<unknown>;
  wake(): void;
  left(): unknown;
  readonly woken: unknown;
  readonly cancelled: unknown;
}

/** Locks, permits, conditions, items of queues and select have such tests of their own, beside their others. */
const races: Readonly<Record<string, () => Race>> = {
  "an event": () => {
    const event = new Event();
    return { ask: () => event.wait(), wake: () => event.set(), left: () => event.waiting, woken: 0, cancelled: 0 };
  },
  "a barrier": () => {
    const barrier = new Barrier(2);
    const wake = (): void => void createTask(() => barrier.wait(), { eager: true });
    return { ask: () => barrier.wait(), wake, left: () => barrier.waiting, woken: 0, cancelled: 1 };
  },
  "a future": () => {
    const future = new Future<number>();
    return {
      ask: () => future.then(),
      wake: () => future.setResult(1),
      left: () => future.result(),
      woken: 1,
      cancelled: 1,
    };
  },
  "a task": () => {
    const gate = new Future<number>();
    const task = createTask(() => gate.then());
    const left = (): unknown => task.result();
    return { ask: () => task.then(), wake: () => gate.setResult(1), left, woken: 1, cancelled: 1 };
  },
  wait: () => {
    const future = new Future<number>();
    const ask = (): Promise<unknown> => wait([future], { timeout: "1h" });
    return { ask, wake: () => future.setResult(1), left: () => future.done(), woken: true, cancelled: true };
  },
  asCompleted: () => {
    const future = new Future<number>();
    const iterator = asCompleted([future]);
    const left = async (): Promise<unknown> => (await iterator.next()).done === true;
    // What ended for a next() that was cancelled is there for the following one.
    return { ask: () => iterator.next(), wake: () => future.setResult(1), left, woken: true, cancelled: false };
  },
  "a place in a limiter": () => {
    const limit = limiter(1);
    const gate = new Future<void>();
    void limit(() => gate.then());
    const left = (): unknown => [limit.activeCount, limit.pendingCount];
    return { ask: () => limit(() => 1), wake: () => gate.setResult(), left, woken: [0, 0], cancelled: [0, 0] };
  },
  "an idle limiter": () => {
    const limit = limiter(1);
    const gate = new Future<void>();
    void limit(() => gate.then());
    const left = (): unknown => limit.activeCount;
    return { ask: () => limit.onIdle(), wake: () => gate.setResult(), left, woken: 0, cancelled: 0 };
  },
  "room in a broadcast": () => {
    const broadcast = new Broadcast<number>({ capacity: 1 });
    const subscription = broadcast.subscribe();
    broadcast.putNowait(0);
    const wake = (): void => void createTask(() => subscription.get(), { eager: true });
    const left = (): unknown => [subscription.qsize(), broadcast.statistics().putters];
    return { ask: () => broadcast.put(1), wake, left, woken: [1, 0], cancelled: [0, 0] };
  },
  "an item of a broadcast": () => {
    const broadcast = new Broadcast<number>();
    const subscription = broadcast.subscribe();
    const wake = (): void => broadcast.putNowait(1);
    return { ask: () => subscription.next(), wake, left: () => subscription.qsize(), woken: 0, cancelled: 1 };
  },
  "the join of a queue": () => {
    const queue = new Queue<number>();
    queue.putNowait(1);
    const left = (): unknown => queue.statistics().joiners;
    return { ask: () => queue.join(), wake: () => queue.taskDone(), left, woken: 0, cancelled: 0 };
  },
  once: () => {
    const emitter = new EventEmitter();
    const wake = (): void => void emitter.emit("tick", 1);
    return { ask: () => once(emitter, "tick"), wake, left: () => emitter.eventNames().length, woken: 0, cancelled: 0 };
  },
  on: () => {
    const emitter = new EventEmitter();
    const events = on(emitter, "tick");
    const wake = (): void => void emitter.emit("tick", 1);
    const left = async (): Promise<unknown> => {
      emitter.emit("tick", 2);
      const { value } = await events.next();
      await events.return?.();
      return [value, emitter.eventNames()];
    };
    return { ask: () => events.next(), wake, left, woken: [[2], []], cancelled: [[1], []] };
  },
  "select over two events": () => {
    const events = [new Event(), new Event()] as const;
    const left = (): unknown => events.map(({ waiting }) => waiting);
    const ask = (): Promise<unknown> => select({ a: events[0], b: events[1] });
    return { ask, wake: () => events[1].set(), left, woken: [0, 0], cancelled: [0, 0] };
  },
};

async function check(make: () => Race, offset: number, wakeFirst: boolean): Promise<void> {
  const race = make();
  await turn();
  const waiter = createTask(() => race.ask(), { eager: true });
  waiter.addDoneCallback(() => {});
  await turn();
  if (wakeFirst) race.wake();
  else waiter.cancel();
  await microtasks(offset);
  if (wakeFirst) waiter.cancel();
  else race.wake();
  await turn();
  // What was given before the cancellation is kept; a wait that looks again before it returns leaves it where it was.
  const kept = !waiter.cancelled();
  if (!wakeFirst) assert.equal(kept, false, `offset ${offset}: cancelled first, and woken all the same`);
  assert.deepEqual(await race.left(), kept ? race.woken : race.cancelled, `offset ${offset}, wake first: ${wakeFirst}`);
}

describe("a wake-up and a cancellation that meet, in both orders at each offset, do one of the two: of", () => {
  for (const [name, make] of Object.entries(races)) {
    test(name, () =>
      run(async () => {
        for (const offset of offsets) for (const wakeFirst of [true, false]) await check(make, offset, wakeFirst);
      }),
    );
  }

  test("the results of a group", () =>
    run(async () => {
      for (const offset of offsets) {
        await taskGroup(async (group) => {
          const gate = new Future<number>();
          group.createTask(() => gate.then());
          const results = group.results();
          const reader = createTask(() => results.next(), { eager: true });
          reader.addDoneCallback(() => {});
          await turn();
          gate.setResult(offset);
          await microtasks(offset);
          reader.cancel();
          await turn();
          const result = reader.cancelled() ? await results.next() : reader.result();
          assert.deepEqual(result, { done: false, value: offset });
        });
      }
    }));
});
