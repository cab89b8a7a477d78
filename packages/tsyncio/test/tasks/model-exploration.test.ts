import { describe, test } from "node:test";
import * as fc from "fast-check";
import { eventsCommands, EventsPair, eventsSetups } from "../models/events-model.ts";
import { futureCommands, FuturePair } from "../models/future-model.ts";
import { limiterCommands, LimiterPair } from "../models/limiter-model.ts";
import { lockstep } from "../models/lockstep.ts";
import { selectCommands, SelectPair } from "../models/select-model.ts";

describe("whatever is done, however wake-ups and cancellations meet, the same happens as in a naive model: of", () => {
  test("a future, its awaiters and its done-callbacks", () =>
    lockstep({ runs: 800, setup: fc.constant(null), commands: futureCommands, make: () => new FuturePair() }));

  test("a limiter that is paused, cleared and resized", () =>
    lockstep({
      runs: 600,
      setup: fc.integer({ min: 1, max: 3 }),
      commands: limiterCommands,
      make: (concurrency) => new LimiterPair(concurrency),
      restAlways: true,
    }));

  test("once and on, with each policy", () =>
    lockstep({
      runs: 800,
      setup: eventsSetups,
      commands: eventsCommands,
      make: (setup) => new EventsPair(setup),
    }));

  test("select over everything that can be selected", () =>
    lockstep({ runs: 1_000, setup: fc.constant(null), commands: selectCommands, make: () => new SelectPair() }));
});
