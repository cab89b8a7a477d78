import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { gather, getRunningLoop, map, moveOnAfter, sleep, taskGroup, timeout, TimeoutError } from "tsyncio";
import { AdaptiveLimiter, type AdaptiveLimiterStatistics, retry } from "tsyncio/resilience";
import { simulate } from "tsyncio/testing";
import { Refused, type ServiceOptions, SimulatedService } from "./simulated-service.ts";

interface Trial {
  /** The time that the service needed at full use, over the time that it took while the service was open. */
  readonly efficiency: number;
  /** Refused calls, over calls. */
  readonly wasted: number;
  readonly statistics: AdaptiveLimiterStatistics;
}

/** Makes many calls of a service of which the limiter knows nothing. */
function trial(
  calls: number,
  options: ServiceOptions,
  during?: (service: SimulatedService) => unknown,
): Promise<Trial> {
  return simulate(
    async () => {
      const service = new SimulatedService(options);
      const limiter = new AdaptiveLimiter({ retryAfter: (error) => (error as Refused).retryAfter });
      const call = (): Promise<void> =>
        retry(() => limiter.run(() => service.call()), {
          attempts: Number.POSITIVE_INFINITY,
          base: 50,
          maxDelay: "1s",
        });
      await taskGroup(async (group) => {
        if (during !== undefined) group.createTask(async () => void (await during(service)), { daemon: true });
        await map([...Array(calls).keys()], call, { limit: 500 });
      });
      let open = 0;
      for (let moment = 0; moment < getRunningLoop().time(); moment += 1) {
        if (options.closed?.(moment) === undefined) open += 1;
      }
      const efficiency = service.served / options.capacity / open;
      return { efficiency, wasted: service.refused / calls, statistics: limiter.statistics() };
    },
    { seed: options.seed },
  );
}

for (const capacity of [1, 3, 8, 40]) {
  test(`a service that refuses more than ${capacity} calls at once is used to the full, and hardly ever asked in vain`, async () => {
    const calls = Math.max(400, 100 * capacity);
    const { efficiency, wasted, statistics } = await trial(calls, { capacity, surplus: "refused", seed: capacity });
    assert.ok(efficiency > 0.9, `efficiency ${efficiency}`);
    assert.ok(wasted < 0.02, `wasted ${wasted}`);
    assert.ok(Math.abs(statistics.limit - capacity) <= 1, `limit ${statistics.limit}`);
    assert.deepEqual([statistics.inFlight, statistics.waiting], [0, 0]);
  });
}

test("a service that lets the surplus queue is used to the full, without a long queue", async () => {
  const { efficiency, statistics } = await trial(4_000, { capacity: 40, surplus: "queued", seed: 5 });
  assert.ok(efficiency > 0.9, `efficiency ${efficiency}`);
  assert.ok(statistics.limit >= 35 && statistics.limit <= 100, `limit ${statistics.limit}`);
});

/** Closed for the last second of every ten. */
const closedAtTimes = (now: number): number | undefined => (now % 10_000 < 9_000 ? undefined : 10_000 - (now % 10_000));

test("while the service is closed it is left alone for as long as it asks, and used to the full soon after", async () => {
  const closed = (now: number): { retryAfter: number } | undefined => {
    const left = closedAtTimes(now);
    return left === undefined ? undefined : { retryAfter: left };
  };
  const { efficiency, wasted } = await trial(8_000, { capacity: 20, surplus: "refused", seed: 3, closed });
  assert.ok(efficiency > 0.9, `efficiency ${efficiency}`);
  assert.ok(wasted < 0.02, `wasted ${wasted}`);
});

test("a closed service that says nothing of when it opens is tried by one call at a time, at growing intervals", async () => {
  const closed = (now: number): object | undefined => (closedAtTimes(now) === undefined ? undefined : {});
  const { efficiency, wasted, statistics } = await trial(8_000, { capacity: 20, surplus: "refused", seed: 4, closed });
  assert.ok(efficiency > 0.85, `efficiency ${efficiency}`);
  assert.ok(wasted < 0.02, `wasted ${wasted}`);
  assert.ok(Math.abs(statistics.limit - 20) <= 1, `limit ${statistics.limit}`);
});

test("capacity that comes is found, and capacity that goes is given up", async () => {
  const grown = await trial(9_000, { capacity: 5, surplus: "refused", seed: 6 }, async (service) => {
    await sleep("10s");
    service.options.capacity = 30;
  });
  assert.ok(grown.statistics.limit >= 28 && grown.statistics.limit <= 31, `limit ${grown.statistics.limit}`);
  const shrunk = await trial(4_000, { capacity: 30, surplus: "refused", seed: 7 }, async (service) => {
    await sleep("5s");
    service.options.capacity = 5;
  });
  assert.ok(shrunk.statistics.limit >= 4 && shrunk.statistics.limit <= 6, `limit ${shrunk.statistics.limit}`);
});

test("a service that becomes slower by itself keeps its limit", async () => {
  const { statistics } = await trial(6_000, { capacity: 10, surplus: "refused", seed: 8 }, async (service) => {
    await sleep("15s");
    service.options.duration = 500;
  });
  assert.ok(statistics.limit >= 9 && statistics.limit <= 11, `limit ${statistics.limit}`);
  assert.ok((statistics.uncrowdedDuration ?? 0) > 300, `uncrowded ${statistics.uncrowdedDuration}`);
});

test("without a crowd the limit does not grow: few calls say nothing about it", async () => {
  await simulate(async () => {
    const limiter = new AdaptiveLimiter();
    for (let call = 0; call < 200; call += 1) await limiter.run(() => sleep(10));
    assert.equal(limiter.statistics().limit, 4);
  });
});

test("a cancellation and an error that is no overload say nothing about the service", async () => {
  await simulate(async () => {
    const limiter = new AdaptiveLimiter({ initial: 2 });
    const failing = (): Promise<never> => Promise.reject(new RangeError("a bad request"));
    await assert.rejects(() => limiter.run(failing), /a bad request/);
    await gather([1, 2, 3].map(() => () => moveOnAfter(5, () => limiter.run(() => sleep("1h")))));
    const { limit, inFlight, waiting, refused } = limiter.statistics();
    assert.deepEqual({ limit, inFlight, waiting, refused }, { limit: 2, inFlight: 0, waiting: 0, refused: 0 });
  });
});

test("a call that runs into its own time limit counts as refused, and its TimeoutError is thrown", async () => {
  await simulate(async () => {
    const limiter = new AdaptiveLimiter();
    await assert.rejects(() => limiter.run(() => timeout("1s", () => sleep("1h"))), TimeoutError);
    assert.equal(limiter.statistics().refused, 1);
  });
});

test("a lease says how its call ended once, and leaving its block says nothing", async () => {
  await simulate(async () => {
    const limiter = new AdaptiveLimiter({ initial: 1 });
    {
      using lease = await limiter.acquire();
      lease.refused("1s");
      lease.succeeded();
      lease.release();
      assert.equal(limiter.statistics().inFlight, 0);
    }
    {
      using _lease = await limiter.acquire();
    }
    assert.deepEqual([limiter.statistics().inFlight, limiter.statistics().refused], [0, 1]);
  });
});

test("whatever happens, no more are in flight than allowed, turns are kept, and nobody is forgotten", async () => {
  const call = fc.record({
    at: fc.nat({ max: 50 }),
    takes: fc.nat({ max: 30 }),
    ends: fc.constantFrom("well", "refused", "fails"),
    patience: fc.option(fc.nat({ max: 40 }), { nil: undefined }),
  });
  const options = { max: fc.integer({ min: 1, max: 5 }), calls: fc.array(call, { maxLength: 30 }) };
  await fc.assert(
    fc.asyncProperty(fc.record(options), fc.integer(), async ({ max, calls }, seed) => {
      await simulate(
        async () => {
          const limiter = new AdaptiveLimiter({ max, initial: 1 });
          const begun: number[] = [];
          let inFlight = 0;
          const one = async (index: number): Promise<void> => {
            const { at, takes, ends, patience = Number.POSITIVE_INFINITY } = calls[index] as (typeof calls)[number];
            await sleep(at);
            await moveOnAfter(patience, () =>
              limiter.run(async () => {
                begun.push(index);
                inFlight += 1;
                try {
                  assert.ok(inFlight <= max);
                  await sleep(takes);
                  if (ends !== "well") throw ends === "refused" ? new Refused() : new Error(ends);
                } finally {
                  inFlight -= 1;
                }
              }),
            );
          };
          const results = await gather(
            [...calls.keys()].map((index) => () => one(index)),
            { settled: true },
          );
          for (const [index, result] of results.entries()) {
            if (result.status === "fulfilled") continue;
            assert.ok(result.reason instanceof Refused || (result.reason as Error).message === calls[index]?.ends);
          }
          // Those that arrive, or are let in, at one moment go on in the order of the seed.
          const moment = (index: number): number => (calls[index] as (typeof calls)[number]).at;
          const patient = max > 1 ? [] : begun.filter((index) => calls[index]?.patience === undefined);
          for (const [place, index] of patient.entries()) {
            for (const later of patient.slice(place + 1)) assert.ok(moment(later) >= moment(index));
          }
          const { waiting, inFlight: left } = limiter.statistics();
          assert.deepEqual([waiting, left, inFlight], [0, 0, 0]);
        },
        { seed },
      );
    }),
    { numRuns: 300 },
  );
});

test("options that make no sense are refused", () => {
  const refused: readonly (readonly [() => unknown, RegExp])[] = [
    [() => new AdaptiveLimiter({ min: 0 }), /min: expected a whole number from 1 on, got 0/],
    [
      () => new AdaptiveLimiter({ max: Number.POSITIVE_INFINITY }),
      /max: expected a whole number from 1 on, got Infinity/,
    ],
    [
      () => new AdaptiveLimiter({ min: 5, initial: 4 }),
      /expected min <= initial <= max, got min 5, initial 4 and max 256/,
    ],
    [() => new AdaptiveLimiter({ isOverload: 429 as never }), /isOverload: expected a function, got 429/],
  ];
  for (const [make, message] of refused) assert.throws(make, message);
});
