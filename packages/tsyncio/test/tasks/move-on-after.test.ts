import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  checkpoint,
  currentDeadline,
  moveOnAfter,
  shield,
  sleep,
  sleepForever,
  timeout,
  TimeoutError,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";
import { rejection } from "./rejection.ts";

/** A test in virtual time, which starts at 0. */
function timed(name: string, body: () => Promise<void>): void {
  void test(name, () => simulate(body));
}

describe("moveOnAfter", () => {
  timed("moves on without an error, with the fallback or undefined, once the body has ended", async () => {
    const events: string[] = [];
    const body = async (): Promise<string> => {
      try {
        return await sleep("1h", "value");
      } finally {
        await shield(() => sleep(5));
        events.push("unwound");
      }
    };
    assert.equal(await moveOnAfter(1, body), undefined);
    assert.equal(await moveOnAfter(1, body, "fallback"), "fallback");
    assert.deepEqual(events, ["unwound", "unwound"]);
    assert.equal(await moveOnAfter("2h", body, "fallback"), "value");
    assert.equal(await moveOnAfter(null, body, "fallback"), "value");
  });

  timed("throws errors of its body, and a cancellation from further out", async () => {
    await assert.rejects(
      moveOnAfter(1, () => Promise.reject(new Error("no"))),
      /no/,
    );
    const error = await rejection(
      timeout(5, async () => {
        await moveOnAfter(5, () => sleepForever());
        assert.fail("not reached: the outer one wins");
      }),
    );
    assert.ok(error instanceof TimeoutError);
  });

  timed("ends a loop that waits for what is always there", async () => {
    let rounds = 0;
    await moveOnAfter(0, async () => {
      for (;;) {
        await checkpoint();
        rounds += 1;
      }
    });
    assert.equal(rounds, 0);
  });
});

describe("currentDeadline", () => {
  timed("is the earliest in force, or null; a shield hides those outside", async () => {
    assert.equal(currentDeadline(), null);
    await timeout("10s", async () => {
      await timeout("20s", async () => {
        assert.equal(currentDeadline(), 10_000);
        await shield(async () => assert.equal(currentDeadline(), null));
      });
    });
  });
});
