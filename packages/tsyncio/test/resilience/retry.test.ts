import assert from "node:assert/strict";
import { test } from "node:test";
import { moveOnAfter, sleep, sleepForever, TimeoutError } from "tsyncio";
import { attemptsOf, parseRetryAfter, retry, RetryBudget, type RetryEvent, type RetryPolicy } from "tsyncio/resilience";
import { simulate } from "tsyncio/testing";
import { currentScope } from "../../src/kernel/context.ts";

const now = (): number => currentScope().loop.time();

/** Calls something that always fails, in virtual time, and returns the moments of the attempts and the error. */
async function attempts(policy: RetryPolicy): Promise<{ times: number[]; error: unknown }> {
  return simulate(async () => {
    const times: number[] = [];
    const fail = (): never => {
      times.push(now());
      throw new Error(`attempt ${times.length}`);
    };
    const error = await retry(fail, policy).catch((error: unknown) => error);
    return { times, error };
  });
}

test("a call that succeeds is not repeated, and gets the number of its attempt", async () => {
  assert.equal(await retry((attempt) => attempt), 1);
});

test("without jitter, the pauses grow by the factor up to the longest", async () => {
  const { times, error } = await attempts({ attempts: 6, base: 100, factor: 3, maxDelay: "1s", jitter: "none" });
  assert.deepEqual(times, [0, 100, 400, 1_300, 2_300, 3_300]);
  assert.match(String(error), /attempt 6/);
  assert.equal(attemptsOf(error), 6);
});

test("with full jitter, each pause is a random part of the longest for its attempt", async () => {
  const draws = [0.5, 0, 0.25, 0.999];
  const random = (): number => draws.shift() ?? assert.fail("one number for each pause");
  const { times } = await attempts({ attempts: 5, base: 100, random });
  assert.deepEqual(times, [0, 50, 50, 150, 150 + 0.999 * 800]);
});

test("by default there are three attempts, with pauses from 100 ms on", async () => {
  const { times } = await attempts({ random: () => 0.5 });
  assert.deepEqual(times, [0, 50, 150]);
});

test("an error that is not worth it is thrown at once, as it is", async () => {
  const { times, error } = await attempts({
    retryIf: (error, attempt) => attempt < 2 && error instanceof Error,
    base: 0,
  });
  assert.equal(times.length, 2);
  assert.match(String(error), /attempt 2/);
  assert.equal(attemptsOf(error), 2);
});

test("what the service asked for is honoured, up to a bound, and never shortens a pause", async () => {
  const asked = ["2s", "90s", undefined, 1] as const;
  let call = 0;
  const policy: RetryPolicy = { attempts: 5, base: 10, jitter: "none", retryAfter: () => asked[call++] };
  const { times } = await attempts(policy);
  assert.deepEqual(times, [0, 2_000, 62_000, 62_040, 62_120]);
});

test("onRetry is told of each failure and pause before it", async () => {
  const events: RetryEvent[] = [];
  await attempts({ attempts: 3, base: 100, jitter: "none", onRetry: (event) => void events.push(event) });
  assert.deepEqual(
    events.map(({ attempt, delay, error }) => [attempt, delay, String(error)]),
    [
      [1, 100, "Error: attempt 1"],
      [2, 200, "Error: attempt 2"],
    ],
  );
});

test("an attempt that takes too long is cancelled and repeated", async () => {
  await simulate(async () => {
    let cleaned = 0;
    const call = async (attempt: number): Promise<string> => {
      try {
        await sleep(attempt === 3 ? 40 : 60);
        return "done";
      } finally {
        cleaned += 1;
      }
    };
    assert.equal(await retry(call, { attempts: 3, timeout: 50, base: 10, jitter: "none" }), "done");
    assert.equal(now(), 50 + 10 + 50 + 20 + 40);
    assert.equal(cleaned, 3);
    await assert.rejects(
      retry(() => sleepForever(), { attempts: 1, timeout: 50 }),
      TimeoutError,
    );
  });
});

test("a cancellation ends an attempt, and a pause, at once, and is not repeated", async () => {
  await simulate(async () => {
    let calls = 0;
    const waits = async (): Promise<void> => {
      calls += 1;
      await sleepForever();
    };
    assert.equal(await moveOnAfter(5, () => retry(waits, { attempts: 9 }), "cut"), "cut");
    assert.equal(now(), 5);
    const fails = (): never => {
      calls += 1;
      throw new Error("down");
    };
    assert.equal(await moveOnAfter(5, () => retry(fails, { base: "1h", jitter: "none" }), "cut"), "cut");
    assert.equal(now(), 10);
    assert.equal(calls, 2);
  });
});

test("a failure after the cancellation is thrown, and not repeated", async () => {
  await simulate(async () => {
    let calls = 0;
    const stubborn = async (): Promise<void> => {
      calls += 1;
      await sleepForever().catch(() => {});
      throw new Error("clean-up");
    };
    await assert.rejects(
      moveOnAfter(5, () => retry(stubborn, { attempts: 9 })),
      /clean-up/,
    );
    assert.equal(calls, 1);
  });
});

test("an empty budget stops retries, and successes fill it again", async () => {
  const budget = new RetryBudget({ capacity: 3, perSuccess: 0.5 });
  const { times } = await attempts({ attempts: 10, base: 0, budget });
  assert.equal(times.length, 4);
  assert.equal(budget.available, 0);
  assert.equal((await attempts({ attempts: 10, base: 0, budget })).times.length, 1);
  await retry(() => 1, { budget });
  assert.equal(budget.available, 0);
  await retry(() => 1, { budget });
  assert.equal(budget.available, 1);
  for (let call = 0; call < 20; call += 1) await retry(() => 1, { budget });
  assert.equal(budget.available, 3);
  const tenths = new RetryBudget({ capacity: 1 });
  assert.ok(tenths.tryTake());
  for (let call = 0; call < 10; call += 1) tenths.succeeded();
  assert.equal(tenths.available, 1);
});

test("a policy that makes no sense is refused before anything is called", async () => {
  const untouched = (): never => assert.fail("it is called");
  const refused: [RetryPolicy, RegExp][] = [
    [{ attempts: 0 }, /retry: attempts: expected a whole number from 1 on/],
    [{ factor: 0.5 }, /retry: factor: expected a number from 1 on, got 0.5/],
    [{ base: -1 }, /retry: base: expected a duration from 0 on, got -1/],
    [{ jitter: "some" as never }, /retry: jitter: expected "full" or "none", got "some"/],
    [{ timeout: "soon" as never }, /retry: timeout: .* got "soon"/],
  ];
  for (const [policy, message] of refused)
    await assert.rejects(retry(untouched, policy), { name: "RangeError", message });
  await assert.rejects(retry(5 as never), { name: "TypeError", message: /retry: expected a function, got 5/ });
  assert.throws(() => new RetryBudget({ capacity: -1 }), { name: "RangeError", message: /capacity/ });
});

test("a frozen error keeps the number of attempts, and a primitive has none", async () => {
  const frozen = Object.freeze(new Error("frozen"));
  const policy = { attempts: 2, base: 0 };
  await assert.rejects(
    retry(() => Promise.reject(frozen), policy),
    frozen,
  );
  assert.equal(attemptsOf(frozen), 2);
  assert.equal(attemptsOf("text"), undefined);
});

test("Retry-After is read from seconds and dates", () => {
  const moment = Date.parse("2026-01-01T00:00:00Z");
  assert.equal(parseRetryAfter("120"), 120_000);
  assert.equal(parseRetryAfter("Thu, 01 Jan 2026 00:00:30 GMT", moment), 30_000);
  assert.equal(parseRetryAfter("Thu, 01 Jan 2026 00:00:00 GMT", moment + 1), 0);
  for (const nothing of [null, undefined, "", "-1", "soon"]) assert.equal(parseRetryAfter(nothing), undefined);
});
