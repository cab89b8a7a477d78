import type { Behaviour } from "./behaviour.ts";

/** What `test_tasks` checks of `sleep`, `wait`, `gather`, `as_completed` and `shield`. */
export const tasksCombinators: readonly Behaviour[] = [
  {
    tests: ["test_sleep"],
    here: "adapted",
    behaviour: "`sleep` gives its value after the delay.",
    reason: "Numbers are milliseconds, as everywhere in JavaScript; a string has its unit.",
  },
  {
    tests: ["test_sleep_when_delay_is_nan"],
    here: "same",
    behaviour: "A delay of NaN is an error.",
  },
  {
    tests: ["test_sleep_zero"],
    here: "same",
    behaviour: "`sleep(0)` lets what is ready run once, gives its value, and sets no timer.",
  },
  {
    tests: ["test_sleep_cancel", "test_task_cancel_sleeping_task"],
    here: "same",
    behaviour: "A sleeping task that is cancelled ends at once, and its timer is gone.",
  },
  {
    tests: ["test_wait"],
    here: "same",
    behaviour: "`wait` waits for all, returns the sets done and pending, and takes no time for tasks that have ended.",
  },
  {
    tests: ["test_wait_with_exception"],
    here: "same",
    behaviour: "Errors are not thrown by `wait`: they stay in the tasks.",
  },
  {
    tests: ["test_wait_first_completed", "test_wait_really_done"],
    here: "same",
    behaviour:
      "With `FIRST_COMPLETED` it returns at the first end, with all that have ended by then; the others go on.",
  },
  {
    tests: ["test_wait_first_exception", "test_wait_first_exception_in_wait"],
    here: "same",
    behaviour:
      "With `FIRST_EXCEPTION` it returns at the first failure, also one from before; without one, at the end of all.",
  },
  {
    tests: ["test_wait_with_timeout", "test_wait_concurrent_complete"],
    here: "same",
    behaviour: "After its timeout it returns what has ended by then, and cancels nothing.",
  },
  {
    tests: ["test_wait_duplicate_coroutines"],
    here: "same",
    behaviour: "One that is given twice counts once.",
  },
  {
    tests: ["test_wait_with_iterator_of_tasks", "test_wait_generator"],
    here: "same",
    behaviour: "It takes any iterable, once.",
  },
  {
    tests: ["test_wait_errors", "test_wait_invalid_args"],
    here: "same",
    behaviour: "Empty input, what is no list of tasks, and a wrong `returnWhen` are errors.",
  },
  {
    tests: ["test_yield_wait_does_not_shield_cancel"],
    here: "same",
    behaviour: "Cancelling whoever waits in `wait` is not held up, and leaves the tasks alone.",
  },
  {
    tests: ["test_success", "test_result_exception_success"],
    here: "same",
    behaviour: "`gather` gives its results in the order of the input.",
  },
  {
    tests: [
      "test_constructor_empty_sequence_without_loop",
      "test_constructor_empty_sequence_use_running_loop",
      "test_constructor_empty_sequence_use_global_loop",
    ],
    here: "adapted",
    behaviour: "Of nothing it is an empty list, inside and outside of a run.",
    reason: "There is always a loop: Node's.",
  },
  {
    tests: ["test_one_exception"],
    here: "rewritten",
    behaviour: "The first failure cancels and awaits the functions and coroutines among the jobs, and is then thrown.",
    reason: "What runs on after a failure holds connections, and nobody waits for it.",
  },
  {
    tests: ["test_exception_marking"],
    here: "adapted",
    behaviour: "Later failures of the tasks and futures among the jobs count as seen.",
    reason: "Functions and coroutines have ended by then: their further failures are in `suppressed`.",
  },
  {
    tests: ["test_return_exceptions", "test_result_exception_one_cancellation"],
    here: "same",
    behaviour: "With `returnExceptions`, errors and cancellations stand in their places.",
  },
  {
    tests: ["test_one_cancellation"],
    here: "same",
    behaviour:
      "A task among the jobs that is cancelled is a failure with its `CancelledError`; the gathering is not cancelled.",
  },
  {
    tests: ["test_cancellation_broadcast", "test_cancel_gather_2"],
    here: "adapted",
    behaviour:
      "Cancelling the caller cancels and awaits the functions and coroutines, in each form of results, with the reason.",
    reason: "Tasks and futures are borrowed, and left alone.",
  },
  {
    tests: ["test_cancel_gather_1"],
    here: "rewritten",
    behaviour:
      "A cancellation that comes when all jobs have ended takes nothing back: the results are there, and it hits at the next wait.",
    reason: "A `gather` is no object that could refuse a cancel; whoever awaits it is cancelled.",
  },
  {
    tests: ["test_duplicate_coroutines"],
    here: "adapted",
    behaviour: "A coroutine or task that is given twice runs once, and is reported in both places.",
    reason: "A function that is given twice is called twice: it is not a call, but what can be called.",
  },
  {
    tests: ["test_issue46672"],
    here: "same",
    behaviour: "When one argument is wrong, nothing is started.",
  },
  {
    tests: [
      "test_constructor_heterogenous_futures",
      "test_constructor_homogenous_futures",
      "test_constructor_without_loop",
      "test_constructor_use_running_loop",
      "test_constructor_use_global_loop",
      "test_as_completed_coroutine_without_loop",
      "test_as_completed_coroutine_use_running_loop",
      "test_shield_coroutine_without_loop",
      "test_shield_coroutine_use_running_loop",
      "test_shield_coroutine_use_global_loop",
    ],
    here: "left out",
    behaviour: "`gather`, `as_completed` and `shield` want a running loop, and futures of one loop only.",
    reason: "There is always a loop, Node's, and tasks belong to scopes and not to loops.",
  },
  {
    tests: ["test_as_completed"],
    here: "adapted",
    behaviour: "`asCompleted` yields in the order of completion.",
    reason: "It is an async iterable of tasks; functions and coroutines among the jobs are started by it.",
  },
  {
    tests: ["test_as_completed_same_tasks_in_as_out"],
    here: "same",
    behaviour: "It yields the very tasks that were passed in.",
  },
  {
    tests: ["test_as_completed_with_timeout"],
    here: "adapted",
    behaviour: "After its timeout it throws a `TimeoutError` where it would have to wait; tasks go on.",
    reason: "What it owns, functions and coroutines, is cancelled and awaited first.",
  },
  {
    tests: ["test_as_completed_with_unused_timeout"],
    here: "same",
    behaviour: "A timeout that was not needed leaves no timer.",
  },
  {
    tests: ["test_as_completed_resume_iterator"],
    here: "same",
    behaviour: "A second loop goes on with the tasks that are left.",
  },
  {
    tests: ["test_as_completed_reverse_wait", "test_as_completed_concurrent"],
    here: "adapted",
    behaviour: "Those who ask side by side get one task each, in the order of completion.",
    reason: "There is no list of slots: several calls of `next()` are what Python's slots are.",
  },
  {
    tests: ["test_as_completed_duplicate_coroutines"],
    here: "adapted",
    behaviour: "A coroutine or task that is given twice is yielded once.",
    reason: "A function that is given twice is called twice.",
  },
  {
    tests: ["test_as_completed_invalid_args"],
    here: "same",
    behaviour: "What is no list of jobs is refused, one task or coroutine too.",
  },
  {
    tests: ["test_shield_result", "test_shield_exception", "test_shield_shortcut"],
    here: "same",
    behaviour: "`shield` passes result and error on, at once if they are there.",
  },
  {
    tests: ["test_shield_cancel_inner"],
    here: "rewritten",
    behaviour:
      "When the shielded task is cancelled, whoever waits fails with its `CancelledError`, and is not cancelled.",
    reason: "The `CancelledError` of another scope is an ordinary failure.",
  },
  {
    tests: ["test_shield_effect"],
    here: "rewritten",
    behaviour:
      "A cancellation does not reach the work inside, and whoever waits goes on waiting for it, until the grace is over.",
    reason: "A shield is for clean-up, which must be done before the cancelled scope is left.",
  },
  {
    tests: ["test_shield_cancel_outer"],
    here: "adapted",
    behaviour: "When the grace is over, the waiting ends, and a shielded task goes on.",
    reason: "In Python the waiting ends at once.",
  },
  {
    tests: ["test_shield_cancel_outer_result", "test_shield_cancel_outer_exception", "test_shield_duplicate_log_once"],
    here: "adapted",
    behaviour: "A shielded task that fails when nobody waits any more is reported to the `exceptionHandler`, once.",
    reason: "Without a handler, it is a process warning; nobody waits any more when the grace is over.",
  },
  {
    tests: ["test_shield_gather", "test_gather_shield"],
    here: "adapted",
    behaviour: "A shield around a `gather` protects all of it, a shield in one its own job only.",
    reason: "The waiting goes on until the work inside is done.",
  },
];
