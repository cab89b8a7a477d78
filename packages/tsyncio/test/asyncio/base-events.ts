import type { CpythonFile } from "./behaviour.ts";

export const baseEvents: CpythonFile = {
  name: "test_base_events",
  behaviours: [
    {
      tests: ["test_call_soon"],
      here: "same",
      behaviour: "`callSoon` calls in order, and never synchronously.",
    },
    {
      tests: ["test_call_soon_non_callable"],
      here: "same",
      behaviour: "What is scheduled has to be a function.",
    },
    {
      tests: ["test_call_later", "test_call_at"],
      here: "same",
      behaviour: "Timers fire by their deadline, those of one moment in the order of the calls.",
    },
    {
      tests: ["test_time_and_call_at"],
      here: "adapted",
      behaviour: "A moment of `callAt` is one of the loop's clock, however far away.",
      reason: "A host timer takes no more than 24 days; the loop arms it again.",
    },
    {
      tests: ["test__run_once_cancelled_event_cleanup"],
      here: "same",
      behaviour: "A cancelled timer is freed at once, however many others are pending.",
    },
    {
      tests: ["test__run_once_schedule_handle"],
      here: "same",
      behaviour: "What a timer's callback schedules waits for the next round, so the host's loop gets its turns.",
    },
    {
      tests: ["test_default_exc_handler_callback"],
      here: "adapted",
      behaviour: "An error in a callback is an uncaught exception if there is no exception handler.",
      reason: "Node's way of not letting errors pass; asyncio logs it.",
    },
    {
      tests: ["test_default_exc_handler_coro"],
      here: "left out",
      behaviour: "The failure of a task that nobody looked at is logged when the task is garbage.",
      reason: "It fails the run, one turn later.",
    },
    {
      tests: ["test_set_exc_handler_custom"],
      here: "same",
      behaviour:
        "The exception handler is told the message, the error, the handle, and the task that scheduled the callback.",
    },
    {
      tests: ["test_set_exc_handler_invalid"],
      here: "left out",
      behaviour: "Setting an exception handler that cannot be called is an error.",
      reason: "It is a property with a type; one that cannot be called is a broken handler.",
    },
    {
      tests: ["test_set_exc_handler_broken", "test_default_exc_handler_broken"],
      here: "same",
      behaviour: "A handler that throws falls back to the default, with both errors; the loop goes on.",
    },
    {
      tests: ["test_log_slow_callbacks"],
      here: "adapted",
      behaviour:
        "In debug mode, a callback or a task that keeps the thread too long is named, with where it comes from.",
      reason: "It is a process warning with a code of its own.",
    },
    {
      tests: ["test_env_var_debug"],
      here: "same",
      behaviour: "The environment switches debug mode on.",
    },
    {
      tests: ["test_set_debug"],
      here: "adapted",
      behaviour: "Debug mode of a loop ends with the run that wanted it.",
      reason: "All runs share the loop of the process.",
    },
    {
      tests: [
        "test_run_until_complete_type_error",
        "test_run_until_complete_loop",
        "test_run_forever_keyboard_interrupt",
        "test_run_until_complete_baseexception",
        "test_not_implemented",
        "test_close",
        "test_is_closed",
      ],
      here: "left out",
      behaviour: "A loop is run until something is complete, stopped and closed.",
      reason:
        "JavaScript's loop is always running; `run` and `Runner` have beginning and end, and their tests tell what holds there.",
    },
    {
      tests: ["test_set_task_factory", "test_set_task_factory_invalid", "test_create_task"],
      here: "left out",
      behaviour: "A factory can replace the class of tasks.",
      reason: "Whoever wants to know of tasks listens to the diagnostics channels.",
    },
    {
      tests: ["test_check_thread"],
      here: "left out",
      behaviour: "Debug mode finds calls from another thread.",
      reason: "A loop cannot be reached from another thread: threads of JavaScript share no objects.",
    },
    {
      tests: [
        "test_run_once_in_executor_handle",
        "test_run_once_in_executor_cancelled",
        "test_run_once_in_executor_plain",
      ],
      here: "left out",
      behaviour: "A loop has an executor for blocking functions.",
      reason: "That is the package `@tsyncio/threads`.",
    },
    {
      tests: ["test_call_coroutine"],
      here: "left out",
      behaviour: "A coroutine function cannot be scheduled as a callback.",
      reason: "An async function can: its rejection is an unhandled one, and so not lost.",
    },
  ],
};
