import type { CpythonFile } from "./behaviour.ts";

export const staggered: CpythonFile = {
  name: "test_staggered",
  behaviours: [
    {
      tests: ["test_empty"],
      here: "rewritten",
      behaviour: "An empty list is refused with a `TypeError`.",
      reason:
        "The winner's value is returned, and of nobody there is none. Python returns a triple with three kinds of nothing.",
    },
    {
      tests: ["test_one_successful"],
      here: "adapted",
      behaviour: "The first success wins, and later attempts never start.",
      reason: "The value alone is returned; which attempt it came from is the attempt's to say.",
    },
    {
      tests: ["test_first_error_second_successful"],
      here: "same",
      behaviour: "A failure starts the next attempt at once, also without a delay (`null`).",
    },
    {
      tests: ["test_first_timeout_second_successful"],
      here: "adapted",
      behaviour: "After the delay the next attempt starts beside the first one; the loser is cancelled and awaited.",
      reason: "What losers throw is of no interest once somebody has won, and is dropped.",
    },
    {
      tests: ["test_none_successful"],
      here: "adapted",
      behaviour: "When all fail, an `AggregateError` has all their errors, in the order of the attempts.",
      reason: "Without a winner there is no value to return.",
    },
    {
      tests: ["test_multiple_winners"],
      here: "same",
      behaviour: "When two attempts succeed in one tick, exactly one wins.",
    },
    {
      tests: ["test_cancelled"],
      here: "rewritten",
      behaviour:
        "A cancellation from outside cancels each wait of the attempts, and comes out, unless an attempt returns a value all the same: then it hits at the next wait.",
      reason: "A cancellation stays in force until its scope is left, and a value stays a value.",
    },
  ],
};
