import { describe, test } from "node:test";
import * as fc from "fast-check";
import { broadcastCommands, BroadcastPair, broadcastSetups } from "../models/broadcast-model.ts";
import { lockstep } from "../models/lockstep.ts";
import { queueCommands, QueuePair } from "../models/queue-model.ts";

describe("whatever is done, however wake-ups and cancellations meet, the same happens as in a naive model: of", () => {
  for (const [name, kind] of [
    ["a queue", "fifo"],
    ["a LIFO queue", "lifo"],
    ["a priority queue", "priority"],
  ] as const) {
    test(`${name}, its marks and its shutdown included`, () =>
      lockstep({
        runs: 600,
        setup: fc.nat({ max: 3 }),
        commands: queueCommands,
        make: (maxsize) => new QueuePair(kind, maxsize),
      }));
  }

  test("a broadcast, with each policy", () =>
    lockstep({
      runs: 1_000,
      setup: broadcastSetups,
      commands: broadcastCommands,
      make: (setup) => new BroadcastPair(setup),
    }));
});
