import assert from "node:assert/strict";
import { test } from "node:test";
import { Semaphore, sleep } from "tsyncio";
import { flow, type StageStats } from "tsyncio/flow";
import { RateLimiter } from "tsyncio/resilience";
import { simulate } from "tsyncio/testing";

test("a flow runs nothing until it is read, and anew for each reading", async () => {
  let reads = 0;
  const source = {
    *[Symbol.iterator]() {
      reads += 1;
      yield* [1, 2, 3];
    },
  };
  const doubled = flow(source).map((item) => item * 2);
  assert.equal(reads, 0);
  assert.deepEqual(await doubled.collect(), [2, 4, 6]);
  assert.deepEqual(await doubled.collect(), [2, 4, 6]);
  assert.equal(reads, 2);
});

test("a plain flow reads its source only as its loop asks for items", async () => {
  const read: number[] = [];
  function* source(): Generator<number> {
    for (let item = 0; ; item += 1) {
      read.push(item);
      yield item;
    }
  }
  for await (const item of flow(source()).filter((item) => item % 2 === 0)) {
    assert.deepEqual(read, [...Array(item + 1).keys()]);
    if (item === 6) break;
  }
});

test("stages overlap: the time is that of the slowest one, not the sum", async () => {
  const elapsed = await simulate(async () => {
    const step = async (item: number): Promise<number> => sleep(10, item);
    assert.deepEqual(
      await flow([1, 2, 3, 4, 5, 6, 7, 8]).map(step).map(step).map(step).collect(),
      [1, 2, 3, 4, 5, 6, 7, 8],
    );
    return performanceNow();
  });
  assert.equal(elapsed, (8 + 2) * 10);
});

async function performanceNow(): Promise<number> {
  const { currentScope } = await import("../../src/kernel/context.ts");
  return currentScope().loop.time();
}

test("filter, take and skip count as they do on arrays", async () => {
  const items = [...Array(20).keys()];
  assert.deepEqual(
    await flow(items)
      .skip(3)
      .filter((item) => item % 2 === 0)
      .take(3)
      .collect(),
    [4, 6, 8],
  );
  assert.deepEqual(await flow(items).take(0).collect(), []);
  assert.deepEqual(await flow(items).take(100).collect(), items);
  assert.deepEqual(await flow(items).skip(100).collect(), []);
  assert.deepEqual(
    await flow(items)
      .filter(async (item) => item > 17)
      .collect(),
    [18, 19],
  );
});

test("reduce waits for each step, and forEach for each call", async () => {
  const sum = async (total: number, item: number): Promise<number> => total + item;
  assert.equal(await flow([1, 2, 3]).reduce(sum, 10), 16);
  const seen: number[] = [];
  await flow([1, 2, 3]).forEach(async (item) => {
    await sleep(0);
    seen.push(item);
  });
  assert.deepEqual(seen, [1, 2, 3]);
});

test("flatMap reads arrays, generators, flows and promises of them", async () => {
  const given = await flow([0, 1, 2, 3])
    .flatMap((item): Iterable<number> | AsyncIterable<number> | Promise<number[]> => {
      if (item === 0) return [1, 2];
      if (item === 1) return flow([3]).map((inner) => inner);
      if (item === 2) return Promise.resolve([4, 5]);
      return [];
    })
    .collect();
  assert.deepEqual(given, [1, 2, 3, 4, 5]);
});

test("a source of promises yields their values", async () => {
  assert.deepEqual(await flow([Promise.resolve(1), 2]).collect(), [1, 2]);
});

test("fork runs its branches at once and joins them with the item", async () => {
  const elapsed = await simulate(async () => {
    const joined = await flow([1, 2])
      .fork({ double: (item) => sleep(30, item * 2), text: (item) => sleep(20, String(item)) }, { limit: 2 })
      .collect();
    assert.deepEqual(joined, [
      { item: 1, double: 2, text: "1" },
      { item: 2, double: 4, text: "2" },
    ]);
    return performanceNow();
  });
  assert.equal(elapsed, 30);
});

test("calls go through a limiter, each attempt or all of them, by the order of retry and through", async () => {
  const passes = async (build: "each attempt" | "all attempts"): Promise<number> => {
    let passed = 0;
    const limiter = (fn: () => Promise<unknown>): Promise<unknown> => {
      passed += 1;
      return fn();
    };
    let calls = 0;
    const flaky = (item: number): number => {
      calls += 1;
      if (calls % 2 === 1) throw new Error("flaky");
      return item;
    };
    const mapped = flow([1, 2]).map(flaky);
    const policy = { attempts: 2, base: 0 };
    const wrapped =
      build === "each attempt" ? mapped.through(limiter).retry(policy) : mapped.retry(policy).through(limiter);
    assert.deepEqual(await wrapped.collect(), [1, 2]);
    return passed;
  };
  assert.equal(await passes("each attempt"), 4);
  assert.equal(await passes("all attempts"), 2);
});

test("a rate limiter is told the cost of each item", async () => {
  await simulate(async () => {
    const limiter = new RateLimiter({ tokens: { limit: 10, per: "1s" } });
    await flow([6, 4, 10])
      .map((item) => item, { limit: 3 })
      .through(limiter, (item) => ({ tokens: item }))
      .collect();
    assert.equal(await performanceNow(), 1_000);
  });
});

test("the statistics of a stage add up, and tell of each stage by its name", async () => {
  const stages = new Map<string, StageStats>();
  const check = (stage: StageStats): void => {
    stages.set(stage.name, stage);
    if (stage.name !== "parse") return;
    assert.equal(stage.in, stage.out + stage.inFlight + stage.waiting + stage.failed);
    assert.ok(stage.inFlight <= 2 && stage.inFlight + stage.waiting <= 4);
  };
  const semaphore = new Semaphore(1);
  await flow([1, 2, 3, 4, 5], { name: "get", onStats: check })
    .map(
      async (item) => {
        using _lease = await semaphore.acquire();
        return item;
      },
      { name: "parse", limit: 2 },
    )
    .batch({ items: 2 })
    .forEach(function save() {});
  assert.deepEqual([...stages.keys()], ["get", "parse", "batch", "save"]);
  const { in: taken, out, inFlight, waiting, failed } = stages.get("parse") as StageStats;
  assert.deepEqual({ taken, out, inFlight, waiting, failed }, { taken: 5, out: 5, inFlight: 0, waiting: 0, failed: 0 });
  assert.equal(stages.get("batch")?.out, 3);
  assert.equal(stages.get("save")?.in, 3);
});

test("a listener of statistics that throws fails the flow", async () => {
  const broken = (): never => {
    throw new Error("no display");
  };
  await assert.rejects(flow([1], { onStats: broken }).collect(), /no display/);
  await assert.rejects(flow([1], { onStats: broken })[Symbol.asyncIterator]().next(), /no display/);
});

test("options that make no sense are refused when the flow is built", () => {
  const built = flow([1]);
  assert.throws(() => flow(7 as never), { name: "TypeError", message: /flow: expected an iterable, .* got 7/ });
  assert.throws(() => built.map("x" as never), { name: "TypeError", message: /map: expected a function/ });
  assert.throws(() => built.map(String, { limit: Infinity }), { name: "RangeError", message: /bounded everywhere/ });
  assert.throws(() => built.take(-1), {
    name: "RangeError",
    message: /take: expected a whole number from 0 on, got -1/,
  });
  assert.throws(() => built.batch({}), { name: "TypeError", message: /expected items, size or maxWait/ });
  assert.throws(() => built.batch({ items: 0 }), { name: "RangeError", message: /batch: items/ });
  assert.throws(() => built.buffer({}), { name: "TypeError", message: /expected items or bytes/ });
  assert.throws(() => built.buffer({ bytes: Number.NaN }), { name: "RangeError", message: /buffer: bytes/ });
  assert.throws(() => built.fork({ item: () => 1 }), { name: "TypeError", message: /no branch can be called "item"/ });
  assert.throws(() => built.map(String).through({} as never), {
    name: "TypeError",
    message: /through: expected a function/,
  });
  assert.throws(() => built.map(String).retry({ attempts: 0 }), { name: "RangeError", message: /retry: attempts/ });
});

test("a flatMap whose function gives nothing iterable fails with its name", async () => {
  await assert.rejects(
    flow([1])
      .flatMap((() => 5) as never, { name: "expand" })
      .collect(),
    {
      name: "TypeError",
      message: /expand: expected an iterable, an async iterable or a stream, got 5/,
    },
  );
});
