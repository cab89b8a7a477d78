import { describe, test } from "node:test";
import * as fc from "fast-check";
import { barrierCommands, BarrierPair } from "../models/barrier-model.ts";
import { conditionCommands, ConditionPair } from "../models/condition-model.ts";
import { eventCommands, EventPair } from "../models/event-model.ts";
import { lockCommands, LockPair } from "../models/lock-model.ts";
import { lockstep } from "../models/lockstep.ts";
import { semaphoreCommands, SemaphorePair } from "../models/semaphore-model.ts";

const nothing = fc.constant(null);

describe("whatever is done, however wake-ups and cancellations meet, the same happens as in a naive model: of", () => {
  test("a lock", () => lockstep({ runs: 600, setup: nothing, commands: lockCommands, make: () => new LockPair() }));

  for (const [name, bounded] of [
    ["a semaphore", false],
    ["a bounded semaphore", true],
  ] as const) {
    test(name, () =>
      lockstep({
        runs: 600,
        setup: fc.nat({ max: 4 }),
        commands: semaphoreCommands,
        make: (permits) => new SemaphorePair(permits, bounded),
      }),
    );
  }

  test("two conditions on one lock", () =>
    lockstep({
      runs: 600,
      setup: nothing,
      commands: conditionCommands,
      make: () => new ConditionPair(),
      restAlways: true,
    }));

  test("an event", () => lockstep({ runs: 600, setup: nothing, commands: eventCommands, make: () => new EventPair() }));

  test("a barrier", () =>
    lockstep({
      runs: 600,
      setup: fc.integer({ min: 1, max: 4 }),
      commands: barrierCommands,
      make: (parties) => new BarrierPair(parties),
    }));
});
