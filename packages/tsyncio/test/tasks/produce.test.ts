import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  asSafeChannel,
  cancelScope,
  createTask,
  currentTask,
  isCancelled,
  moveOnAfter,
  produce,
  shield,
  sleep,
  sleepForever,
  taskGroup,
  timeout,
  TimeoutError,
  yieldNow,
} from "../../src/index.ts";
import { checkLeaks, explore, simulate } from "../../src/testing.ts";

describe("produce", () => {
  test("yields what is sent, until the function ends; each send waits until its item is taken", () =>
    simulate(async () => {
      const steps: string[] = [];
      const items = produce<string>(async (send) => {
        for (const item of ["a", "b"]) {
          await send(item);
          steps.push(`${item} is taken`);
        }
      });
      assert.equal(steps.length, 0);
      for await (const item of items) {
        await sleep(1);
        steps.push(`got ${item}`);
      }
      assert.deepEqual(await items.next(), { done: true, value: undefined });
      assert.deepEqual(steps, ["a is taken", "got a", "b is taken", "got b"]);
    }));

  test("a timeout around a send strikes in the producer, and not in the reader's own work (PEP 789)", () =>
    simulate(async () => {
      const steps: string[] = [];
      const items = produce<number>(async (send) => {
        await timeout(10, async () => {
          await send(1);
          await send(2);
        });
      });
      const reading = async (): Promise<void> => {
        for await (const item of items) {
          await sleep(100);
          steps.push(`worked on ${item}`);
        }
      };
      await assert.rejects(reading(), TimeoutError);
      assert.deepEqual(steps, ["worked on 1"]);
    }));

  test("a failed child of a group around a send fails the next next(), not the reader's own work (PEP 789)", () =>
    simulate(async () => {
      const steps: string[] = [];
      const items = produce<number>((send) =>
        taskGroup(async (group) => {
          group.createTask(async () => {
            await sleep(10);
            throw new Error("lost");
          });
          await send(1);
          await sleepForever();
        }),
      );
      const reading = async (): Promise<void> => {
        for await (const item of items) {
          await sleep(100);
          steps.push(`worked on ${item}`);
        }
      };
      await assert.rejects(reading(), /^Error: lost$/);
      assert.deepEqual(steps, ["worked on 1"]);
    }));

  test("two that are read in turns may end in any order: each has scopes of its own (PEP 789)", () =>
    simulate(async () => {
      const counter = (count: number): AsyncIterableIterator<number, undefined> =>
        produce<number>((send) =>
          moveOnAfter("1h", async () => {
            for (let i = 0; i < count; i += 1) await send(i);
          }),
        );
      const [first, second] = [counter(1), counter(3)];
      await first.next();
      await second.next();
      assert.equal((await first.next()).done, true);
      assert.deepEqual([(await second.next()).value, (await second.next()).value], [1, 2]);
      assert.equal((await second.next()).done, true);
    }));

  test("is cancelled when its reader leaves, who waits for its clean-up", () =>
    simulate(async () => {
      const steps: string[] = [];
      const items = produce<number>(async (send) => {
        try {
          for (let i = 0; ; i += 1) await send(i);
        } finally {
          await shield(() => sleep(5));
          steps.push("cleaned up");
        }
      });
      for await (const _ of items) break;
      steps.push("left");
      assert.deepEqual(steps, ["cleaned up", "left"]);
    }));

  test("a failure of the clean-up comes out where the reader leaves", () =>
    simulate(async () => {
      const items = produce<number>(async (send) => {
        try {
          await send(1);
          await send(2);
        } catch {
          throw new Error("clean-up");
        }
      });
      const reading = async (): Promise<void> => {
        for await (const _ of items) break;
      };
      await assert.rejects(reading(), /^Error: clean-up$/);
    }));

  test("ends with the scope that made it, before a cancelled loop goes on", () =>
    simulate(async () => {
      const steps: string[] = [];
      const items = (): AsyncIterable<number> =>
        produce<number>(async () => {
          try {
            await sleepForever();
          } finally {
            await shield(() => sleep(5));
            steps.push("cleaned up");
          }
        });
      await moveOnAfter(1, async () => {
        for await (const _ of items());
      });
      steps.push("moved on");
      let reading = createTask(() => {});
      await cancelScope(async (scope) => {
        const iterator = items()[Symbol.asyncIterator]();
        reading = createTask(() => assert.rejects(iterator.next(), isCancelled));
        await sleep(1);
        scope.cancel();
      });
      await reading;
      assert.deepEqual(steps, ["cleaned up", "moved on", "cleaned up"]);
    }));

  test("loses and doubles nothing, in order, whoever is cancelled when", () =>
    explore(
      async () => {
        const seen: number[] = [];
        const sent: number[] = [];
        await using items = produce<number>(async (send) => {
          for (let i = 0; i < 20; i += 1) {
            const taken = await moveOnAfter(i % 3, () => send(i).then(() => true));
            if (taken === true) sent.push(i);
          }
        });
        for (let i = 0; ; i += 1) {
          const answer = await moveOnAfter(i % 4, () => items.next());
          if (answer?.done === true) break;
          if (answer !== undefined) seen.push(answer.value);
        }
        assert.deepEqual(seen, sent);
      },
      { runs: 200 },
    ));

  test("leaves nothing behind", () =>
    checkLeaks(async () => {
      for await (const _ of produce<number>((send) => send(1)));
      for await (const _ of produce<number>((send) => send(1))) break;
      await produce<number>((send) => send(1)).return();
    }));
});

describe("asSafeChannel", () => {
  test("runs a generator in one task from beginning to end, whoever reads", () =>
    simulate(async () => {
      const names = asSafeChannel(async function* producer(count: number) {
        for (let i = 0; i < count; i += 1) {
          await yieldNow();
          yield currentTask()?.id;
        }
      });
      await using items = names(3);
      const seen = new Set<unknown>();
      for (const reader of ["a", "b", "c"]) seen.add((await createTask(() => items.next(), { name: reader })).value);
      assert.equal(seen.size, 1);
      assert.deepEqual(await items.next(), { done: true, value: undefined });
    }));

  test("an impatient reader does not end the generator's wait, which a plain generator's would", () =>
    simulate(async () => {
      const generator = async function* (): AsyncGenerator<number> {
        for (let i = 0; i < 2; i += 1) {
          await sleep(10);
          yield i;
        }
      };
      const read = async (items: AsyncIterator<number>): Promise<unknown[]> => {
        const seen: unknown[] = [];
        for (let i = 0; i < 6; i += 1) {
          const answer = await moveOnAfter(4, () => items.next(), { value: "impatient" });
          if (answer.value !== undefined) seen.push(answer.value);
        }
        return seen.filter((value) => value !== "impatient");
      };
      assert.deepEqual(await read(generator()), []);
      assert.deepEqual(await read(asSafeChannel(generator)()), [0, 1]);
    }));

  test("runs the generator's finally when its reader leaves, also while it waits, and throws its failure", () =>
    simulate(async () => {
      const steps: string[] = [];
      const items = asSafeChannel(async function* (fail: boolean) {
        try {
          yield 1;
          if (fail) throw new Error("no");
          await sleepForever();
        } finally {
          steps.push("finally");
        }
      });
      for await (const _ of items(false)) break;
      const reading = async (): Promise<void> => {
        for await (const _ of items(true));
      };
      await assert.rejects(reading(), /^Error: no$/);
      assert.deepEqual(steps, ["finally", "finally"]);
    }));
});
