import assert from "node:assert/strict";
import { test } from "node:test";
import { createTask, shield, sleep, sleepForever } from "tsyncio";
import { flow } from "tsyncio/flow";
import { simulate } from "tsyncio/testing";

/** Counts the calls that are open; call 3 fails after 5 ms, the others wait for ever. */
function failingWork(open: { count: number }) {
  return async (item: number): Promise<number> => {
    open.count += 1;
    try {
      if (item === 3) {
        await sleep(5);
        throw new Error("call 3");
      }
      await sleepForever();
      return item;
    } finally {
      open.count -= 1;
    }
  };
}

test("the first failure cancels the other calls and is thrown when they have ended", async () => {
  for (let seed = 0; seed < 30; seed += 1) {
    await simulate(
      async () => {
        const open = { count: 0 };
        const built = flow([1, 2, 3, 4, 5, 6]).map(failingWork(open), { limit: 4 });
        await assert.rejects(built.collect(), /call 3/);
        assert.equal(open.count, 0);
        const loop = async (): Promise<void> => {
          for await (const _item of built) assert.fail("nothing ends");
        };
        await assert.rejects(loop, /call 3/);
        assert.equal(open.count, 0);
      },
      { seed },
    );
  }
});

test("failures after the first, of clean-up and of leaving the source, stand in suppressed", async () => {
  await simulate(async () => {
    async function* source(): AsyncGenerator<number> {
      try {
        yield 1;
        yield 2;
        yield 3;
      } finally {
        // oxlint-disable-next-line no-unsafe-finally -- a source that fails while it is left
        throw new Error("the source's clean-up");
      }
    }
    const work = async (item: number): Promise<void> => {
      try {
        await sleep(item === 2 ? 5 : 1_000);
        throw new Error("the call");
      } catch (error) {
        if (item === 2) throw error;
        await shield(() => sleep(1));
        throw new Error("a call's clean-up", { cause: error });
      }
    };
    const error = await flow(source())
      .forEach(work, { limit: 2 })
      .then(
        () => assert.fail("it fails"),
        (error: unknown) => error as Error & { suppressed: Error[] },
      );
    const messages = [error, ...error.suppressed].map(({ message }) => message);
    assert.equal(messages.length, 3);
    assert.deepEqual(new Set(messages), new Set(["the source's clean-up", "the call", "a call's clean-up"]));
  });
});

test("a failure is thrown once; after it the iterator has ended", async () => {
  const failing = flow([1]).map(() => {
    throw new Error("once");
  });
  const iterator = failing[Symbol.asyncIterator]();
  const results = await Promise.allSettled([iterator.next(), iterator.next(), iterator.next()]);
  assert.equal(results.filter(({ status }) => status === "rejected").length, 1);
  assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  await iterator.return();
});

test("return() throws what fails while the flow unwinds", async () => {
  await simulate(async () => {
    const failing = flow([1, 2]).map(
      async (item) => {
        if (item === 1) return item;
        try {
          return await sleepForever();
        } catch (error) {
          throw new Error("the clean-up failed", { cause: error });
        }
      },
      { limit: 2 },
    );
    const iterator = failing[Symbol.asyncIterator]();
    await iterator.next();
    await sleep(1);
    await assert.rejects(iterator.return(), /the clean-up failed/);
  });
});

test("a failing reducer, predicate, measure or inner source fails the flow and leaves the source", async () => {
  const broken = (): never => {
    throw new Error("broken");
  };
  let left = 0;
  function* source(): Generator<string> {
    try {
      for (;;) yield "x";
    } finally {
      left += 1;
    }
  }
  await assert.rejects(flow(source()).reduce(broken, 0), /broken/);
  await assert.rejects(flow(source()).filter(broken).collect(), /broken/);
  await assert.rejects(flow(source()).buffer({ bytes: 9, measure: broken }).collect(), /broken/);
  await assert.rejects(flow(source()).batch({ size: 9, measure: broken }).collect(), /broken/);
  await assert.rejects(
    flow(source())
      .batch({ size: 9, measure: () => Number.NaN })
      .collect(),
    /measure to give a number/,
  );
  const inner = (): Iterable<number> => ({ [Symbol.iterator]: () => ({ next: broken }) });
  await assert.rejects(flow(source()).flatMap(inner).collect(), /broken/);
  assert.equal(left, 6);
});

test("a branch that fails cancels the others on its item, and fails the flow", async () => {
  await simulate(async () => {
    let cancelled = 0;
    const slow = async (): Promise<void> => {
      try {
        await sleepForever();
      } finally {
        cancelled += 1;
      }
    };
    const fail = async (): Promise<void> => {
      await sleep(1);
      throw new Error("branch");
    };
    await assert.rejects(flow([1, 2]).fork({ slow, fail }).collect(), /branch/);
    assert.equal(cancelled, 1);
  });
});

test("a source's rejected promise fails the flow and closes the iterable", async () => {
  let closed = 0;
  function* source(): Generator<Promise<number>> {
    try {
      yield Promise.resolve(1);
      yield Promise.reject(new Error("rejected item"));
    } finally {
      closed += 1;
    }
  }
  await assert.rejects(flow(source()).collect(), /rejected item/);
  assert.equal(closed, 1);
});

test("a task whose flow failed goes on uncancelled", async () => {
  await simulate(async () => {
    const task = createTask(async () => {
      await flow([1])
        .map(() => Promise.reject(new Error("x")))
        .collect()
        .catch(() => {});
      return sleep(1, "went on");
    });
    assert.equal(await task, "went on");
  });
});
