import type { CpythonFile } from "./behaviour.ts";

const borrowed =
  "A task belongs to its owner, and whoever waits for it never cancels it; a function is the waiter's own.";

export const waitfor: CpythonFile = {
  name: "test_waitfor",
  behaviours: [
    {
      tests: ["test_wait_for_timeout_less_then_0_or_0_future_done"],
      here: "same",
      behaviour: "The result of what is done already is there without any time.",
    },
    {
      tests: ["test_wait_for_timeout_less_then_0_or_0_coroutine_do_not_started"],
      here: "same",
      behaviour: "Without any time, work that has not begun does not begin, and a `TimeoutError` is thrown.",
    },
    {
      tests: ["test_wait_for_timeout_less_then_0_or_0", "test_wait_for_waits_for_task_cancellation_w_timeout_0"],
      here: "rewritten",
      behaviour: "Without any time, a task that runs is left alone, and a `TimeoutError` is thrown at once.",
      reason: borrowed,
    },
    {
      tests: ["test_wait_for"],
      here: "rewritten",
      behaviour: "When the time is over, waiting for a task ends with a `TimeoutError`, and the task goes on.",
      reason: borrowed,
    },
    {
      tests: ["test_wait_for_waits_for_task_cancellation", "test_asyncio_wait_for_timeout"],
      here: "adapted",
      behaviour:
        "When the time is over, a function is cancelled, its clean-up is awaited, and then a `TimeoutError` is thrown, whose cause is the `CancelledError`.",
      reason: "It holds of functions and coroutines; clean-up that waits goes into `shield`.",
    },
    {
      tests: ["test_wait_for_blocking"],
      here: "same",
      behaviour: "With `null` for the time it is a plain wait.",
    },
    {
      tests: ["test_wait_for_race_condition"],
      here: "same",
      behaviour: "A result that comes in time is returned.",
    },
    {
      tests: ["test_wait_for_cancellation_race_condition", "test_wait_for_cancel_suppressed"],
      here: "same",
      behaviour:
        "A function that catches its cancellation and returns a value has that returned, without a `TimeoutError`.",
    },
    {
      tests: ["test_wait_for_reraises_exception_during_cancellation"],
      here: "same",
      behaviour: "An error that the function throws while it is cancelled is thrown instead of the `TimeoutError`.",
    },
    {
      tests: ["test_wait_for_self_cancellation"],
      here: "rewritten",
      behaviour:
        "A function that resists its cancellation in a `shield` is waited for until the grace of that is over, also when the waiter is cancelled.",
      reason:
        "Nothing goes on behind the waiter's back, and no shield is endless by default; Python 3.12 has taken this test out.",
    },
    {
      tests: ["test_cancel_blocking_wait_for", "test_cancel_wait_for"],
      here: "rewritten",
      behaviour: "Cancelling the waiter cancels a function, and leaves a task alone, with and without a limit.",
      reason: borrowed,
    },
    {
      tests: ["test_asyncio_wait_for_cancelled"],
      here: "adapted",
      behaviour: "Cancelling the waiter waits for the clean-up of its function.",
      reason: "Clean-up that waits goes into `shield`.",
    },
    {
      tests: ["test_wait_for_issue86296"],
      here: "same",
      behaviour:
        "A cancellation in the tick in which the target ends is not lost: the waiter is cancelled, and the target's result can be read.",
    },
    {
      tests: ["gh-96764"],
      here: "same",
      behaviour: "It works inside and around timeouts: values pass, and each deadline has its own error.",
    },
    {
      tests: ["test_zero_timeout", "test_shielded_timeout"],
      here: "rewritten",
      behaviour:
        "To stop waiting for a task and let it go on, no shield is needed. A function that shields its work holds the deadline off until that is done, or the grace over.",
      reason: "`shield` protects a body from every cancellation from outside, that of a deadline too.",
    },
    {
      tests: ["test_none_timeout"],
      here: "same",
      behaviour: "Shielded work without a limit is waited for to its end.",
    },
  ],
};
