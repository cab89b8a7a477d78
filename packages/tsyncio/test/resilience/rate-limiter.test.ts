import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { isCancelled, map, moveOnAfter, sleep, type TaskGroup, taskGroup } from "tsyncio";
import { RateLimiter } from "tsyncio/resilience";
import { simulate } from "tsyncio/testing";
import { currentScope } from "../../src/kernel/context.ts";

const now = (): number => currentScope().loop.time();

test("no window of any budget ever holds more than its limit, whatever is asked for and when", async () => {
  const budget = fc.record({ limit: fc.integer({ min: 5, max: 20 }), burst: fc.integer({ min: 5, max: 20 }) });
  const call = fc.record({
    at: fc.integer({ min: 0, max: 500 }),
    small: fc.nat({ max: 5 }),
    large: fc.nat({ max: 5 }),
  });
  await fc.assert(
    fc.asyncProperty(budget, budget, fc.array(call, { maxLength: 40 }), fc.integer(), async (a, b, calls, seed) => {
      await simulate(
        async () => {
          const budgets = {
            small: { limit: a.limit, per: 100, burst: Math.min(a.burst, a.limit) },
            large: { limit: b.limit, per: 130, burst: Math.min(b.burst, b.limit) },
          };
          const limiter = new RateLimiter(budgets);
          const spent: { time: number; small: number; large: number }[] = [];
          await map(calls, async ({ at, small, large }) => {
            await sleep(at);
            await limiter.acquire({ small, large });
            spent.push({ time: now(), small, large });
          });
          assert.equal(spent.length, calls.length);
          for (const { time: start } of spent) {
            for (const name of ["small", "large"] as const) {
              const { limit, per, burst } = budgets[name];
              const within = spent.filter(({ time }) => time >= start && time < start + per);
              const total = within.reduce((sum, entry) => sum + entry[name], 0);
              assert.ok(total <= limit, `${total} of ${name} in ${per} ms, of ${limit}`);
              const atOnce = spent.filter(({ time }) => time === start).reduce((sum, entry) => sum + entry[name], 0);
              assert.ok(atOnce <= burst + 1e-9);
            }
          }
        },
        { seed },
      );
    }),
    { numRuns: 100 },
  );
});

test("the full rate is reached, at once or evenly paced", async () => {
  const moments = (burst: number): Promise<number[]> =>
    simulate(async () => {
      const limiter = new RateLimiter({ requests: { limit: 10, per: "1s", burst } });
      return map([...Array(30).keys()], () => limiter.run(now));
    });
  const sorted = (times: number[]): number[] => times.toSorted((a, b) => a - b);
  assert.deepEqual(
    sorted(await moments(10)),
    [...Array(30).keys()].map((call) => Math.floor(call / 10) * 1_000),
  );
  assert.deepEqual(
    sorted(await moments(1)),
    [...Array(30).keys()].map((call) => call * 100),
  );
});

test("those who wait are served in their order, and a large request is not starved by small ones", async () => {
  await simulate(async () => {
    const limiter = new RateLimiter({ tokens: { limit: 10, per: 100 } });
    const served: [string, number][] = [];
    await limiter.acquire(6);
    await taskGroup(async (group) => {
      const ask = async (name: string, cost: number): Promise<void> => {
        await limiter.acquire(cost);
        served.push([name, now()]);
      };
      for (const [name, cost] of [
        ["large", 10],
        ["small", 1],
        ["middle", 5],
      ] as const) {
        group.createTask(() => ask(name, cost), { eager: true });
      }
      assert.equal(limiter.tryAcquire(1), undefined);
      assert.equal(limiter.statistics().waiting, 3);
    });
    assert.deepEqual(
      served.toSorted(([, a], [, b]) => a - b),
      [
        ["large", 100],
        ["small", 200],
        ["middle", 200],
      ],
    );
  });
});

test("a request takes from all budgets or from none", async () => {
  await simulate(async () => {
    const limiter = new RateLimiter({ requests: { limit: 2, per: 100 }, tokens: { limit: 10, per: 1_000 } });
    await limiter.acquire({ requests: 1, tokens: 8 });
    assert.equal(limiter.tryAcquire({ requests: 1, tokens: 5 }), undefined);
    const { budgets } = limiter.statistics();
    assert.deepEqual(budgets, { requests: { limit: 2, available: 1 }, tokens: { limit: 10, available: 2 } });
    await limiter.acquire({ requests: 1, tokens: 5 });
    assert.equal(now(), 1_000);
  });
});

test("a cancelled waiter leaves no trace: the next one takes its turn, and no budget is lost", async () => {
  for (let seed = 0; seed < 30; seed += 1) {
    await simulate(
      async () => {
        const limiter = new RateLimiter({ tokens: { limit: 10, per: 100 } });
        await limiter.acquire(5);
        await taskGroup(async (group) => {
          const three = (waiters: TaskGroup): void => {
            for (const cost of [10, 4, 1]) waiters.createTask(() => limiter.acquire(cost), { eager: true });
          };
          group.createTask(() => moveOnAfter(20, () => taskGroup(three)));
          await sleep(10);
          await limiter.acquire(5);
          assert.equal(now(), 20);
        });
        assert.deepEqual(limiter.statistics().budgets.tokens, { limit: 10, available: 0 });
        assert.equal(limiter.statistics().waiting, 0);
        assert.equal(await moveOnAfter(0, () => limiter.acquire(1), "cut"), "cut");
        await sleep(100);
        assert.equal(limiter.statistics().budgets.tokens.available, 10);
      },
      { seed },
    );
  }
});

test("a refund and a corrected cost let the next one through earlier, or later", async () => {
  await simulate(async () => {
    const limiter = new RateLimiter({ tokens: { limit: 10, per: 100 } });
    const grant = await limiter.acquire(8);
    grant.adjust(3);
    await limiter.acquire(7);
    assert.equal(now(), 0);
    grant.refund();
    await limiter.acquire(3);
    assert.equal(now(), 0);
    await sleep(100);
    await limiter.run(2, (own) => own.adjust({ tokens: 9 }));
    assert.equal(limiter.tryAcquire(2), undefined);
    await limiter.acquire(2);
    assert.equal(now(), 200);
  });
});

test("a pause holds up everybody, and a later one only lengthens it", async () => {
  await simulate(async () => {
    const limiter = new RateLimiter({ requests: { limit: 10, per: 100 } });
    limiter.pauseFor("2s");
    limiter.pauseUntil(1_000);
    assert.equal(limiter.tryAcquire(), undefined);
    assert.equal(limiter.statistics().pausedUntil, 2_000);
    await map([1, 2], () => limiter.acquire());
    assert.equal(now(), 2_000);
    assert.equal(limiter.statistics().pausedUntil, null);
  });
});

test("what a service says is left bounds what is spent until its reset", async () => {
  await simulate(async () => {
    const limiter = new RateLimiter({ requests: { limit: 100, per: "1m" }, tokens: { limit: 1_000, per: "1m" } });
    await limiter.acquire({ requests: 1, tokens: 100 });
    limiter.learn(
      new Headers({
        "x-ratelimit-limit-tokens": "800",
        "x-ratelimit-remaining-tokens": "50",
        "x-ratelimit-reset-tokens": "1m30s",
        "x-ratelimit-limit-requests": "5000",
        "x-ratelimit-remaining-requests": "4999",
      }),
    );
    const { budgets } = limiter.statistics();
    assert.deepEqual(budgets, { requests: { limit: 100, available: 99 }, tokens: { limit: 800, available: 50 } });
    await limiter.acquire({ tokens: 50 });
    assert.equal(now(), 0);
    await limiter.acquire({ tokens: 700 });
    assert.equal(now(), 90_000);
    limiter.learn({ "retry-after": "3" });
    await limiter.acquire({ requests: 1 });
    assert.equal(now(), 93_000);
  });
});

test("a request that waits and becomes impossible when a lower limit is learned is told so", async () => {
  await simulate(async () => {
    const limiter = new RateLimiter({ requests: { limit: 10, per: "1m" } });
    await limiter.acquire(5);
    await taskGroup(async (group) => {
      group.createTask(() => assert.rejects(limiter.acquire(8), { name: "RangeError", message: /at most 6/ }));
      await sleep(1);
      limiter.learn({ "ratelimit-limit": "6" });
    });
  });
});

test("run calls the function when it may, and keeps what was spent when it fails", async () => {
  await simulate(async () => {
    const limiter = new RateLimiter({ requests: { limit: 1, per: 100 } });
    await assert.rejects(
      limiter.run(() => Promise.reject(new Error("the call"))),
      /the call/,
    );
    assert.equal(await limiter.run(1, () => "value"), "value");
    assert.equal(now(), 100);
  });
});

test("a cancelled caller takes nothing, even if it need not wait", async () => {
  await simulate(async () => {
    const limiter = new RateLimiter({ requests: { limit: 1, per: 100 } });
    await moveOnAfter(0, async () => {
      await assert.rejects(limiter.acquire(), (error) => isCancelled(error));
    });
    assert.equal(limiter.statistics().budgets.requests.available, 1);
  });
});

test("impossible and meaningless requests are refused with a clear error", async () => {
  const limiter = new RateLimiter({ requests: { limit: 5, per: "1m" }, tokens: { limit: 9, per: "1m", burst: 3 } });
  await assert.rejects(limiter.acquire({ tokens: 4 }), {
    name: "RangeError",
    message: /a request for 4 of tokens would wait for ever: at most 3 can be taken at once/,
  });
  await assert.rejects(limiter.acquire({ requests: -1 }), {
    name: "RangeError",
    message: /requests: expected a number from 0 on/,
  });
  await assert.rejects(limiter.acquire({ token: 1 } as never), {
    name: "TypeError",
    message: /no budget "token", only requests, tokens/,
  });
  await assert.rejects(limiter.acquire(), {
    name: "TypeError",
    message: /expected a cost by budget \(requests, tokens\)/,
  });
  await assert.rejects(limiter.run({ requests: 1 }, 5 as never), { name: "TypeError", message: /expected a function/ });
  assert.throws(() => new RateLimiter({}), { name: "TypeError", message: /at least one budget/ });
  assert.throws(() => new RateLimiter({ a: { limit: 0, per: 1 } }), { name: "RangeError", message: /a.limit/ });
  assert.throws(() => new RateLimiter({ a: { limit: 1, per: 0 } }), { name: "RangeError", message: /a.per/ });
  assert.throws(() => new RateLimiter({ a: { limit: 2, per: 1, burst: 3 } }), {
    name: "RangeError",
    message: /a.burst/,
  });
});

test("a budget remembers a bounded number of moments, and stays exact enough to reach the rate", async () => {
  await simulate(async () => {
    const limiter = new RateLimiter({ requests: { limit: 5_000, per: "1s", burst: 1 } });
    for (let call = 0; call < 10_000; call += 1) await limiter.acquire();
    assert.ok(now() >= 1_999 && now() < 2_010, `${now()} ms`);
  });
});
