import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  after,
  createTask,
  gather,
  isCancelled,
  LifoQueue,
  moveOnAfter,
  PriorityQueue,
  Queue,
  select,
  sleep,
  type Task,
  taskGroup,
} from "tsyncio";
import { simulate, waitAllTasksBlocked } from "tsyncio/testing";

/** What one actor does: after a pause it puts or gets, and is cancelled or gives up after some time, or never. */
interface Act {
  readonly kind: "put" | "get" | "select put" | "select get" | "next";
  readonly pause: number;
  readonly patience: number;
  readonly ending: "timeout" | "cancel" | "none";
}

const act: fc.Arbitrary<Act> = fc.record({
  kind: fc.constantFrom("put", "get", "select put", "select get", "next"),
  pause: fc.nat({ max: 4 }),
  patience: fc.nat({ max: 4 }),
  ending: fc.constantFrom("timeout", "cancel", "none"),
});

const scripts = fc.array(act, { maxLength: 25, size: "max" });

/** What happened, as those saw it who did it. */
class Ledger {
  readonly put: number[] = [];
  readonly got: number[] = [];
}

async function perform({ kind }: Act, item: number, queue: Queue<number>, ledger: Ledger): Promise<void> {
  switch (kind) {
    case "put":
      await queue.put(item);
      ledger.put.push(item);
      return;
    case "select put": {
      const { key } = await select({ put: queue.putting(item), late: after(2) });
      if (key === "put") ledger.put.push(item);
      return;
    }
    case "get":
      ledger.got.push(await queue.get());
      return;
    case "select get": {
      const choice = await select({ got: queue, late: after(2) });
      if (choice.key === "got") ledger.got.push(choice.value);
      return;
    }
    case "next": {
      const { value, done } = await queue[Symbol.asyncIterator]().next();
      if (done !== true) ledger.got.push(value);
    }
  }
}

async function play(act: Act, item: number, queue: Queue<number>, ledger: Ledger): Promise<void> {
  await sleep(act.pause);
  if (act.ending === "timeout") await moveOnAfter(act.patience, () => perform(act, item, queue, ledger));
  else await perform(act, item, queue, ledger);
}

/** Plays a script, then looks at what is left; throws if anything was lost, doubled, or left waiting. */
async function check(script: readonly Act[], queue: Queue<number>): Promise<void> {
  const ledger = new Ledger();
  const tasks = script.map((act, item) => createTask(() => play(act, item, queue, ledger)));
  const cancellers = script.map((act, index) =>
    createTask(async () => {
      if (act.ending !== "cancel") return;
      await sleep(act.pause + act.patience);
      tasks[index]?.cancel();
    }),
  );
  await gather(cancellers);
  await sleep(100);
  await waitAllTasksBlocked();
  const { getters, putters, size, maxsize } = queue.statistics();
  assert.ok(getters === 0 || size === 0, "somebody waits for an item although there is one");
  assert.ok(putters === 0 || size === maxsize, "somebody waits for room although there is some");
  const blocked = tasks.filter((task) => !task.done());
  assert.equal(
    blocked.length,
    getters + putters,
    "somebody waits whom nobody could wake, or waits no more but is in line",
  );
  await endAll(blocked);
  const ended = queue.statistics();
  assert.deepEqual([ended.getters, ended.putters, ended.unfinished], [0, 0, ledger.put.length]);
  const left = Array.from({ length: queue.qsize() }, () => queue.getNowait());
  assert.deepEqual(
    [...ledger.got, ...left].toSorted((a, b) => a - b),
    ledger.put.toSorted((a, b) => a - b),
    "lost or doubled",
  );
}

async function endAll(tasks: readonly Task<void>[]): Promise<void> {
  for (const task of tasks) task.cancel();
  for (const task of tasks) await task.catch((error: unknown) => assert.ok(isCancelled(error)));
}

describe("whatever tasks do with a queue, in whatever order they wake up", () => {
  const kinds: readonly ((maxsize: number) => Queue<number>)[] = [
    (maxsize) => new Queue(maxsize),
    (maxsize) => new LifoQueue(maxsize),
    (maxsize) => new PriorityQueue(maxsize),
  ];
  for (const make of kinds) {
    test(`a ${make(0).constructor.name} loses nothing, doubles nothing and leaves nobody waiting`, async () => {
      await fc.assert(
        fc.asyncProperty(scripts, fc.nat({ max: 3 }), fc.nat(), async (script, maxsize, seed) => {
          await simulate(() => check(script, make(maxsize)), { seed });
        }),
        { numRuns: 150 },
      );
    });
  }

  test("items arrive in the order of their putting, and go to getters in the order of their coming", async () => {
    for (let seed = 0; seed < 300; seed += 1) {
      await simulate(() => inOrder(seed % 3), { seed });
    }
  });

  test("every item of several producers reaches one of several consumers, those of one producer in order", async () => {
    for (let seed = 0; seed < 200; seed += 1) {
      const got = await simulate(() => produceAndConsume(new Queue<Item>(seed % 4)), { seed });
      assert.equal(got.length, 30, `seed ${seed}`);
      for (const producer of [0, 1, 2]) {
        const items = got.filter((item) => item.producer === producer).map(({ index }) => index);
        assert.deepEqual(items, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], `seed ${seed}`);
      }
    }
  });
});

async function inOrder(maxsize: number): Promise<void> {
  const queue = new Queue<number>(maxsize);
  const put: number[] = [];
  const asked: Promise<number>[] = [];
  await taskGroup(async (group) => {
    for (let index = 0; index < 10; index += 1) {
      group.createTask(async () => {
        await sleep(index % 3);
        put.push(index);
        await queue.put(index);
      });
      group.createTask(async () => {
        await sleep(index % 2);
        const item = queue.get();
        asked.push(item);
        await item;
      });
    }
  });
  assert.deepEqual(await Promise.all(asked), put);
}

interface Item {
  readonly producer: number;
  readonly index: number;
}

/** Notes the items as one consumer after the other takes them, with a lock-step so that the notes are in order. */
async function produceAndConsume(queue: Queue<Item>): Promise<Item[]> {
  const taken: Promise<Item>[] = [];
  await taskGroup(async (group) => {
    for (const producer of [0, 1, 2]) {
      group.createTask(async () => {
        for (let index = 0; index < 10; index += 1) await queue.put({ producer, index });
      });
    }
    for (let consumer = 0; consumer < 5; consumer += 1) {
      group.createTask(async () => {
        for (let count = 0; count < 6; count += 1) {
          const item = queue.get();
          taken.push(item);
          await item;
        }
      });
    }
  });
  return Promise.all(taken);
}
