import type { CpythonFile } from "./behaviour.ts";

export const runners: CpythonFile = {
  name: "test_runners",
  behaviours: [
    {
      tests: ["test_asyncio_run_return", "test_asyncio_run_raises"],
      here: "same",
      behaviour: "`run` gives the value of main, or throws its error.",
    },
    {
      tests: ["test_asyncio_run_only_coro", "test_run_non_coro", "test_run_future"],
      here: "same",
      behaviour: "`run` and `Runner.run` refuse what is not a function or a coroutine, futures included.",
    },
    {
      tests: ["test_asyncio_run_debug", "test_debug", "test_non_debug"],
      here: "adapted",
      behaviour:
        "The option switches debug mode on while a run or runner lasts; the environment does so for the whole process.",
      reason: "All runs share the loop of the process, so `debug: false` cannot take it from the others.",
    },
    {
      tests: ["test_asyncio_run_from_running_loop", "test_recursive_run"],
      here: "rewritten",
      behaviour:
        "A run inside a run is a child scope, which is cancelled with the outer one; only a `Runner` refuses a second main while one runs.",
      reason:
        "JavaScript has one loop, which nobody stops and starts; libraries may then use `run` without asking who calls them.",
    },
    {
      tests: ["test_asyncio_run_cancels_hanging_tasks"],
      here: "same",
      behaviour:
        "Tasks that are left over in the end are cancelled and awaited; the value of main is returned all the same.",
    },
    {
      tests: ["test_asyncio_run_reports_hanging_tasks_errors"],
      here: "adapted",
      behaviour: "What left-over tasks throw while they are cancelled is reported.",
      reason: "It goes to `onUnhandledError`, or to the standard error.",
    },
    {
      tests: ["test_asyncio_run_closes_gens_after_hanging_tasks_errors"],
      here: "adapted",
      behaviour:
        "The generators of left-over tasks run their clean-up before `run` ends, also when main and those tasks fail.",
      reason:
        "A generator is closed by the loop over it, which the cancellation ends; JavaScript tells nobody of one that is only dropped.",
    },
    {
      tests: ["test_asyncio_run_without_uncancel"],
      here: "same",
      behaviour: "A main that was cancelled, caught that and returned a value has that value returned.",
    },
    {
      tests: ["test_run"],
      here: "same",
      behaviour: "A `Runner` runs several mains, one after the other.",
    },
    {
      tests: ["test_run_keeps_context"],
      here: "rewritten",
      behaviour: "Each main of a `Runner` starts in the async context in which the runner was made.",
      reason:
        "An `AsyncLocalStorage` is not changed by the code in it, so there is no change that could be kept; what mains share is the scope.",
    },
    {
      tests: ["test_explicit_close", "test_double_close", "test_second_with_block_raises"],
      here: "same",
      behaviour: "A `Runner` can be closed twice, and is of no use afterwards.",
    },
    {
      tests: ["test_interrupt_call_soon"],
      here: "adapted",
      behaviour: "Ctrl+C cancels a main that never waits for long; `run` rejects, and the process ends by the signal.",
      reason:
        "There is no KeyboardInterrupt in JavaScript: the error is the `CancelledError`, whose reason is the signal.",
    },
    {
      tests: ["test_interrupt_wait"],
      here: "rewritten",
      behaviour: "Ctrl+C cancels a main that awaits a future, and leaves the future alone.",
      reason: "Awaiting something never cancels it.",
    },
    {
      tests: ["test_interrupt_cancelled_task"],
      here: "rewritten",
      behaviour: "Ctrl+C on a main that was cancelled already, and is still unwinding, ends the process by the signal.",
      reason: "The cancellation of the run comes from further out than that of main, and outer wins.",
    },
    {
      tests: ["test_signal_install_not_supported_ok"],
      here: "same",
      behaviour: "Where no signals arrive, as in a worker thread, `run` and `Runner` work all the same.",
    },
    {
      tests: ["test_custom_factory"],
      here: "left out",
      behaviour: "A `Runner` is given a function that makes its loop.",
      reason: "It is given the loop itself, with the option `loop`.",
    },
  ],
};
