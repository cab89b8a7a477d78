import assert from "node:assert/strict";
import { test } from "node:test";
import {
  createTask,
  isCancelled,
  moveOnAfter,
  Queue,
  shield,
  sleep,
  sleepForever,
  type Task,
  taskGroup,
} from "tsyncio";
import { flow } from "tsyncio/flow";
import { simulate } from "tsyncio/testing";
import { currentScope } from "../../src/kernel/context.ts";

const now = (): number => currentScope().loop.time();

/** A source whose items come every 10 ms, and which counts how often it is left. */
class Ticker implements AsyncIterable<number> {
  returned = 0;
  private item = 0;

  [Symbol.asyncIterator](): AsyncIterator<number> {
    return {
      next: async () => {
        await sleep(10);
        this.item += 1;
        return { done: false, value: this.item };
      },
      return: async () => {
        this.returned += 1;
        return { done: true, value: undefined };
      },
    };
  }
}

test("breaking out of a loop leaves the source once and cancels what is in flight, at once", async () => {
  for (let seed = 0; seed < 30; seed += 1) {
    await simulate(
      async () => {
        const source = new Ticker();
        const open = new Set<number>();
        const work = async (item: number): Promise<number> => {
          open.add(item);
          try {
            if (item > 2) await sleepForever();
            return item;
          } finally {
            open.delete(item);
          }
        };
        for await (const item of flow(source).map(work, { limit: 3 }).buffer({ items: 2 })) {
          if (item === 2) break;
        }
        assert.equal(now(), 20);
        assert.equal(source.returned, 1);
        assert.equal(open.size, 0);
      },
      { seed },
    );
  }
});

test("a loop whose body throws, or returns, leaves its source once", async () => {
  await simulate(async () => {
    const thrown = new Ticker();
    const failure = new Error("the body");
    const fails = async (): Promise<void> => {
      for await (const item of flow(thrown).map((item) => item)) if (item === 1) throw failure;
    };
    await assert.rejects(fails, failure);
    assert.equal(thrown.returned, 1);
    const returned = new Ticker();
    const first = async (): Promise<number | undefined> => {
      for await (const item of flow(returned)) return item;
      return undefined;
    };
    assert.equal(await first(), 1);
    assert.equal(returned.returned, 1);
  });
});

test("return() ends a pending next() at once, although the source does not answer", async () => {
  await simulate(async () => {
    let returned = 0;
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => {}),
        return: async () => {
          returned += 1;
          return { done: true, value: undefined };
        },
      }),
    };
    for (const built of [flow(source), flow(source).map((item) => item), flow(source).flatMap((item) => [item])]) {
      const iterator = built[Symbol.asyncIterator]();
      const pending = createTask(() => iterator.next());
      await sleep(5);
      await iterator.return();
      assert.deepEqual(await pending, { done: true, value: undefined });
      assert.equal(now() % 5, 0);
    }
    assert.equal(returned, 3);
    assert.equal(now(), 15);
  });
});

test("return() before the first next() opens nothing", async () => {
  const source = new Ticker();
  const iterator = flow(source)[Symbol.asyncIterator]();
  await iterator.return();
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  assert.equal(source.returned, 0);
});

test("cancelling a loop cancels the stages, and is thrown when their clean-up has ended", async () => {
  for (let seed = 0; seed < 30; seed += 1) {
    await simulate(
      async () => {
        const source = new Ticker();
        let cleaned = 0;
        const work = async (item: number): Promise<number> => {
          try {
            await sleepForever();
          } finally {
            await shield(() => sleep(7));
            cleaned += 1;
          }
          return item;
        };
        await moveOnAfter(25, async () => {
          for await (const _item of flow(source).map(work, { limit: 2 })) assert.fail("nothing ends");
        });
        assert.equal(now(), 32);
        assert.equal(cleaned, 2);
        assert.equal(source.returned, 1);
        assert.deepEqual(currentScope().childScopes(), []);
      },
      { seed },
    );
  }
});

test("cancelling a terminal operation waits for the clean-up too", async () => {
  await simulate(async () => {
    const source = new Ticker();
    let cleaned = false;
    await moveOnAfter(15, () =>
      flow(source).forEach(async () => {
        try {
          await sleepForever();
        } finally {
          await shield(() => sleep(7));
          cleaned = true;
        }
      }),
    );
    assert.ok(cleaned);
    assert.equal(now(), 22);
    assert.equal(source.returned, 1);
  });
});

test("a cancelled next() loses nothing and leaves the iterator usable", async () => {
  for (let seed = 0; seed < 50; seed += 1) {
    const shapes = [
      (source: Ticker) => flow(source),
      (source: Ticker) => flow(source).filter(async () => sleep(1, true)),
      (source: Ticker) => flow(source).map((item) => sleep(3, item), { limit: 2 }),
      (source: Ticker) => flow(source).flatMap((item) => [item]),
    ];
    for (const shape of shapes) {
      await simulate(
        async () => {
          await using iterator = shape(new Ticker())[Symbol.asyncIterator]();
          const seen: number[] = [];
          while (seen.length < 6) {
            const next = await moveOnAfter(1 + (seed % 12), () => iterator.next());
            if (next?.done === false) seen.push(next.value);
          }
          assert.deepEqual(seen, [1, 2, 3, 4, 5, 6]);
        },
        { seed },
      );
    }
  }
});

test("an iterator belongs to the scope that made it, not to that of its first next()", async () => {
  await simulate(async () => {
    const source = new Ticker();
    const built = flow(source).map((item) => item);
    const iterator = built[Symbol.asyncIterator]();
    assert.deepEqual(await moveOnAfter(15, () => iterator.next()), { done: false, value: 1 });
    assert.deepEqual(await iterator.next(), { done: false, value: 2 });
    await iterator.return();
    assert.equal(source.returned, 1);
  });
});

test("a next() of another task ends too when the owner of the iterator is cancelled", async () => {
  await simulate(async () => {
    const queue = new Queue<number>();
    let reader: Task<unknown> | undefined;
    await moveOnAfter(10, async () => {
      const iterator = flow(queue)[Symbol.asyncIterator]();
      reader = createTask(() => iterator.next().catch((error: unknown) => error));
      await sleepForever();
    });
    assert.ok(isCancelled(await reader));
    assert.equal(now(), 10);
  });
});

test("take leaves the stages before it with its last item, while those after it go on", async () => {
  await simulate(async () => {
    const source = new Ticker();
    const built = flow(source)
      .map(
        async (item) => {
          if (item > 2) await sleepForever();
          return item;
        },
        { limit: 4 },
      )
      .take(2)
      .map((item) => {
        return sleep(1_000, item);
      });
    const seen = await built.collect();
    assert.deepEqual(seen, [1, 2]);
    assert.equal(now(), 10 + 2 * 1_000);
    assert.equal(source.returned, 1);
  });
});

test("take does not wait for the source to clean up before it hands out its last item", async () => {
  await simulate(async () => {
    async function* source(): AsyncGenerator<number> {
      try {
        for (let item = 1; ; item += 1) yield item;
      } finally {
        await shield(() => sleep(50));
      }
    }
    const times: number[] = [];
    await flow(source())
      .take(2)
      .forEach(() => void times.push(now()));
    assert.deepEqual(times, [0, 0]);
    assert.equal(now(), 50);
  });
});

test("a source that ends or fails by itself is not left", async () => {
  let returned = 0;
  const source = (last: () => IteratorResult<number>): AsyncIterable<number> => {
    let item = 0;
    return {
      [Symbol.asyncIterator]: () => ({
        next: async () => (item < 2 ? { done: false, value: (item += 1) } : last()),
        return: async () => {
          returned += 1;
          return { done: true, value: undefined };
        },
      }),
    };
  };
  assert.deepEqual(await flow(source(() => ({ done: true, value: undefined }))).collect(), [1, 2]);
  const failing = source(() => {
    throw new Error("broken source");
  });
  await assert.rejects(
    flow(failing)
      .map((item) => item)
      .collect(),
    /broken source/,
  );
  assert.equal(returned, 0);
});

test("a generator as source runs in one task, so a timeout inside it works across its yields", async () => {
  await simulate(async () => {
    async function* source(): AsyncGenerator<number> {
      for (let item = 0; item < 3; item += 1) {
        const value = await moveOnAfter(5, () => sleep(item === 1 ? 100 : 1, item), -1);
        yield value;
      }
    }
    assert.deepEqual(
      await flow(source())
        .map((item) => item)
        .collect(),
      [0, -1, 2],
    );
  });
});

test("the body of a loop is not in the scope of the flow", async () => {
  await taskGroup(async (group) => {
    for await (const item of flow([1, 2, 3]).map((item) => item)) {
      group.createTask(() => sleep(0));
      assert.equal(currentScope().cancelled, false, String(item));
      if (item === 2) break;
    }
    assert.equal(currentScope().cancelled, false);
  });
});

test("leaving waits for a generator that is unwinding, and throws what fails there", async () => {
  for (let seed = 0; seed < 20; seed += 1) {
    await simulate(
      async () => {
        let cleaned = 0;
        async function* source(fails: boolean): AsyncGenerator<number> {
          try {
            yield 1;
            await sleepForever();
          } finally {
            await shield(() => sleep(7));
            cleaned += 1;
            // oxlint-disable-next-line no-unsafe-finally -- a clean-up that fails
            if (fails) throw new Error("the generator's clean-up");
          }
        }
        const leave = async (fails: boolean): Promise<void> => {
          for await (const _item of flow(source(fails)).map((item) => item)) {
            await sleep(1);
            break;
          }
        };
        await leave(false);
        assert.equal(now(), 8);
        await assert.rejects(leave(true), /the generator's clean-up/);
        assert.equal(cleaned, 2);
      },
      { seed },
    );
  }
});
