import type { CpythonFile } from "./behaviour.ts";

export const timeouts: CpythonFile = {
  name: "test_timeouts",
  behaviours: [
    {
      tests: ["test_timeout_basic"],
      here: "same",
      behaviour: "A timeout that expires interrupts its body, and throws a `TimeoutError` at the edge of its block.",
    },
    {
      tests: ["test_waiter_cancelled"],
      here: "same",
      behaviour: "The body itself sees a `CancelledError`, which is the cause of the `TimeoutError`.",
    },
    {
      tests: ["test_timeout_at_basic"],
      here: "same",
      behaviour: "A deadline can be a moment of the loop's clock, which `when()` reports.",
    },
    {
      tests: ["test_nested_timeouts"],
      here: "same",
      behaviour:
        "Of two nested timeouts with one deadline, the outermost throws `TimeoutError`; the inner one sees a cancellation, and both have expired.",
    },
    {
      tests: ["test_timeout_not_called"],
      here: "same",
      behaviour: "A timeout whose body is in time changes nothing; `when()` is still ahead.",
    },
    {
      tests: ["test_timeout_disabled", "test_timeout_at_disabled"],
      here: "same",
      behaviour: "A timeout can be without a deadline, with `null`, and get one later.",
    },
    {
      tests: ["test_timeout_zero", "test_timeout_zero_sleep_zero", "test_timeout_in_the_past_sleep_zero"],
      here: "same",
      behaviour: "A deadline that has passed already strikes at the first wait, also at `sleep(0)`.",
    },
    {
      tests: ["test_foreign_exception_passed"],
      here: "same",
      behaviour: "An error of the body goes through unchanged, and the timeout has not expired.",
    },
    {
      tests: ["test_timeout_exception_context"],
      here: "adapted",
      behaviour:
        "The cause of the `TimeoutError` is the `CancelledError`, whatever the body was handling when it struck.",
      reason: "JavaScript does not record which error was being handled when another one was thrown.",
    },
    {
      tests: ["test_foreign_exception_on_timeout", "test_foreign_exception_on_timeout_2"],
      here: "adapted",
      behaviour:
        "An error of the clean-up of an expired timeout is thrown as it is, instead of the `TimeoutError`; `expired()` tells that it had expired.",
      reason:
        "JavaScript does not record which error was being handled, and tsyncio does not write into errors of others.",
    },
    {
      tests: ["test_foreign_cancel_doesnt_timeout_if_not_expired"],
      here: "same",
      behaviour: "A cancellation from elsewhere comes out as a `CancelledError`.",
    },
    {
      tests: ["test_outer_task_is_not_cancelled"],
      here: "same",
      behaviour: "A task that has caught the `TimeoutError` is healthy.",
    },
    {
      tests: ["test_nested_timeouts_concurrent", "test_nested_timeouts_loop_busy"],
      here: "rewritten",
      behaviour:
        "When the thread was blocked until two nested deadlines had passed, the outer one wins: the inner block throws its cancellation, and no handler for the inner `TimeoutError` runs.",
      reason: "Outer always wins, also in one tick: what is cancelled further out has no use for the inner outcome.",
    },
    {
      tests: ["test_reschedule"],
      here: "same",
      behaviour: "`reschedule` moves the deadline or removes it, from inside and from outside of the body.",
    },
    {
      tests: ["test_timeout_expired", "test_timeout_expiring", "test_timeout_finished"],
      here: "same",
      behaviour: "A deadline cannot be moved when the timeout has expired, is expiring, or has finished.",
    },
    {
      tests: ["test_timeout_already_entered", "test_timeout_double_enter", "test_timeout_not_entered"],
      here: "left out",
      behaviour: "Entering a timeout twice, or moving its deadline before it is entered, is an error.",
      reason: "There is no timeout outside its block: `timeout` hands it to the body.",
    },
    {
      tests: ["test_timeout_without_task"],
      here: "rewritten",
      behaviour: "A timeout needs no task around it.",
      reason: "Outside any task and run, there is the root scope, so every primitive works in any program.",
    },
    {
      tests: ["test_repr_active", "test_repr_expired", "test_repr_finished", "test_repr_disabled"],
      here: "adapted",
      behaviour:
        "How far a timeout is can be read (`state`: active, disabled, expiring, expired, finished), and is shown when it is printed.",
      reason: "Printing is `util.inspect` here; a state that one can see, a program can read too.",
    },
    {
      tests: ["test_nested_timeout_in_finally"],
      here: "rewritten",
      behaviour: "A timeout in the clean-up of an expired one works by itself inside a `shield`.",
      reason: "A cancellation stays in force until its scope is left; clean-up that waits goes into `shield`.",
    },
    {
      tests: ["test_timeout_after_cancellation"],
      here: "rewritten",
      behaviour:
        "After a caught cancellation, a timeout in the same scope throws that cancellation again at its first wait; inside a `shield` it works.",
      reason: "A cancellation stays in force until its scope is left.",
    },
    {
      tests: ["test_cancel_in_timeout_after_cancellation"],
      here: "rewritten",
      behaviour: "A second cancel of a task does nothing: the waits reject with the first cancellation.",
      reason: "A cancellation is a state of the scope and not a request that is delivered and used up.",
    },
    {
      tests: ["test_timeout_taskgroup"],
      here: "adapted",
      behaviour: "A timeout around a group whose child fails in its clean-up gives way to the group's failure.",
      reason:
        "JavaScript does not record which error was being handled; `expired()` tells that the timeout had expired.",
    },
  ],
};
