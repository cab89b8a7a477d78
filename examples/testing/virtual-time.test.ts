import assert from "node:assert/strict";
import { test } from "node:test";
import { getRunningLoop, sleep, timeout, TimeoutError } from "tsyncio";
import { simulated } from "tsyncio/testing";

/** Asks again after one second, two, four… until there is an answer. */
async function poll(ask: () => string | undefined): Promise<string> {
  for (let pause = 1_000; ; pause *= 2) {
    const answer = ask();
    if (answer !== undefined) return answer;
    await sleep(pause);
  }
}

test(
  "asks with growing pauses",
  simulated(async () => {
    const askedAt: number[] = [];
    await poll(() => {
      askedAt.push(getRunningLoop().time());
      return askedAt.length === 5 ? "at last" : undefined;
    });
    assert.deepEqual(askedAt, [0, 1_000, 3_000, 7_000, 15_000]);
  }),
);

test(
  "can be given up after a day, which takes no time here",
  simulated(async () => {
    await assert.rejects(
      timeout("24h", () => poll(() => undefined)),
      TimeoutError,
    );
    assert.equal(getRunningLoop().time(), 24 * 3_600_000);
  }),
);
