import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createTask, gather, isCancelled, sleep, yieldNow } from "../../src/index.ts";
import { ExplorationError, explore, simulate } from "../../src/testing.ts";

/** Two tasks that read, wait and write: one of them may overwrite what the other wrote. */
const lostUpdate = async (): Promise<void> => {
  let balance = 0;
  const deposit = async (): Promise<void> => {
    await yieldNow();
    const before = balance;
    await yieldNow();
    balance = before + 1;
  };
  await gather([deposit, deposit]);
  assert.equal(balance, 2, "an update was lost");
};

describe("explore", () => {
  test("finds the order in which a race goes wrong, and tells the seed that replays it", async () => {
    const found = await explore(lostUpdate).catch((error: unknown) => error);
    assert.ok(found instanceof ExplorationError);
    assert.match(found.message, new RegExp(`replay it with simulate\\(main, \\{ seed: ${found.seed} \\}\\).*was lost`));
    assert.match(String(found.cause), /an update was lost/);
    for (let again = 0; again < 3; again += 1) {
      await assert.rejects(simulate(lostUpdate, { seed: found.seed }), /an update was lost/);
    }
    if (found.seed > 0) await simulate(lostUpdate, { seed: found.seed - 1 });
  });

  test("runs main once for each seed, one after the other, each in virtual time of its own", async () => {
    let running = 0;
    let runs = 0;
    await explore(
      async () => {
        running += 1;
        assert.equal(running, 1);
        await sleep("1h");
        running -= 1;
        runs += 1;
      },
      { runs: 20, seed: 1_000 },
    );
    assert.equal(runs, 20);
  });

  test("starts with the seed that it is given", async () => {
    const fail = (): never => {
      throw new Error("always");
    };
    await assert.rejects(explore(fail, { runs: 5, seed: 7 }), (error) => {
      assert.ok(error instanceof ExplorationError);
      assert.equal(error.seed, 7);
      assert.match(error.message, /explore: run 1 of 5 failed.*seed: 7.*Error: always/);
      return true;
    });
  });

  test("is cancelled with its caller, which is no failure of main", async () => {
    let runs = 0;
    const exploring = createTask(() =>
      explore(
        () => {
          runs += 1;
          if (runs === 3) exploring.cancel("enough");
          return sleep(1);
        },
        { runs: Number.POSITIVE_INFINITY },
      ),
    );
    await assert.rejects(exploring.then(), (error) => isCancelled(error) && error.reason === "enough");
    assert.equal(runs, 3);
  });

  test("refuses what is no function, no number of runs, or no seed", async () => {
    await assert.rejects(explore(5 as never), /explore: expected a function, got 5/);
    await assert.rejects(
      explore(() => {}, { runs: 0 }),
      /explore: runs: expected a whole number from 1 on/,
    );
    await assert.rejects(
      explore(() => {}, { seed: 0.5 }),
      /explore: seed: expected a whole number, got 0.5/,
    );
  });
});
