import type { CpythonFile } from "./behaviour.ts";

export const futures: CpythonFile = {
  name: "test_futures",
  behaviours: [
    {
      tests: ["test_initial_state", "test_result", "test_exception"],
      here: "same",
      behaviour:
        "A future is pending, then has a value or an error; asking before that is an `InvalidStateError`, and so is setting it twice.",
    },
    {
      tests: ["test_cancel", "test_set_result_unless_cancelled"],
      here: "adapted",
      behaviour: "A future is cancelled once, with a reason, and refuses a result afterwards.",
      reason:
        "The helper of asyncio that sets a result unless the future is cancelled is private there; `done()` tells it here.",
    },
    {
      tests: ["test_yield_from_twice"],
      here: "same",
      behaviour: "A future can be awaited again when it is done.",
    },
    {
      tests: ["test_exception_class"],
      here: "rewritten",
      behaviour: "`setException` refuses a class where an error belongs.",
      reason: "JavaScript throws instances only; which arguments the class would want nobody can know.",
    },
    {
      tests: ["test_future_repr"],
      here: "same",
      behaviour: "The state can be seen when a future is printed.",
    },
    {
      tests: ["test_callbacks_invoked_on_set_result", "test_callbacks_invoked_on_set_exception"],
      here: "same",
      behaviour:
        "Done-callbacks are called later, in order, once each, with the future, whether it has a value, an error or was cancelled.",
    },
    {
      tests: [
        "test_callbacks_remove_first_callback",
        "test_callbacks_remove_first_and_second_callback",
        "test_callbacks_remove_third_callback",
      ],
      here: "same",
      behaviour: "Removing some callbacks leaves the others.",
    },
    {
      tests: ["test_remove_done_callback"],
      here: "same",
      behaviour: "Removing a callback removes all its registrations, and says how many they were.",
    },
    {
      tests: ["test_remove_done_callbacks_list_mutation", "test_schedule_callbacks_list_mutation_1"],
      here: "same",
      behaviour: "Callbacks may add and remove others while they are called.",
    },
    {
      tests: [
        "test_remove_done_callbacks_list_clear",
        "test_schedule_callbacks_list_mutation_2",
        "test_evil_call_soon_list_mutation",
        "test_use_after_free_on_fut_callback_0_with_evil__eq__",
        "test_use_after_free_on_fut_callback_0_with_evil__getattribute__",
      ],
      here: "left out",
      behaviour: "Comparing a callback may run code that changes the list of callbacks.",
      reason: "Functions are compared by identity here, which runs no code.",
    },
    {
      tests: ["test_wrap_future", "test_copy_state", "test_copy_state_from_concurrent_futures"],
      here: "adapted",
      behaviour: "A foreign promise is awaited with `interruptible`: its value or error comes out.",
      reason: "What a concurrent future is to asyncio, a native promise is here.",
    },
    {
      tests: ["test_wrap_future_cancel", "test_wrap_future_cancel2"],
      here: "rewritten",
      behaviour: "A cancelled waiter leaves the foreign promise to the others.",
      reason: "A promise cannot be cancelled, and whoever waits for something does not own it.",
    },
    {
      tests: ["test_wrap_future_future"],
      here: "adapted",
      behaviour: "Tasks and futures that are handed to a combinator are used as they are.",
      reason: "There is no conversion to call: a job is a function, a coroutine, a task or a future.",
    },
    {
      tests: ["test_tb_logger_exception_unretrieved", "test_future_exception_never_retrieved"],
      here: "adapted",
      behaviour:
        "The failure of a future at which nobody ever looked is reported once it is garbage: to the exception handler, or as a process warning.",
      reason: "A task's failure is reported one turn later by the run that owns it; a future has no owner.",
    },
    {
      tests: ["test_future_exception_never_retrieved_debug", "test_future_source_traceback"],
      here: "left out",
      behaviour: "In debug mode, the report names the place where the future was made.",
      reason: "Debug mode keeps the stacks of tasks and of waits; a future is shown by who waits for it.",
    },
    {
      tests: ["test_tb_logger_exception_retrieved", "test_tb_logger_exception_result_retrieved"],
      here: "same",
      behaviour: "The failure of a future at which somebody has looked is not reported, however that was.",
    },
    {
      tests: [
        "test_tb_logger_abandoned",
        "test_tb_logger_not_called_after_cancel",
        "test_tb_logger_result_unretrieved",
        "test_tb_logger_result_retrieved",
      ],
      here: "same",
      behaviour: "A future that was abandoned, cancelled or has a value is not reported.",
    },
    {
      tests: ["test_future_cancel_message_getter", "test_future_cancel_message_setter", "test_log_traceback"],
      here: "left out",
      behaviour: "The message of a cancellation can be read and changed on the future.",
      reason: "The reason is a property of the `CancelledError`, to which nothing is ever written.",
    },
    {
      tests: [
        "test_constructor_without_loop",
        "test_constructor_use_running_loop",
        "test_constructor_use_global_loop",
        "test_constructor_positional",
        "test_uninitialized",
        "test_inherit_without_calling_super_init",
        "test_generic_alias",
        "test_isfuture",
      ],
      here: "left out",
      behaviour: "How a future finds its loop, and what a half-made one does.",
      reason:
        "A future has no loop of its own: each who waits does so in the own scope and loop. The types are TypeScript's.",
    },
    {
      tests: [
        "test_iter",
        "test_stop_iteration_exception",
        "test_stop_iteration_subclass_exception",
        "test_future_stop_iteration_args",
        "test_future_iter_throw",
        "test_future_del_collect",
        "test_future_cancelled_result_refcycles",
        "test_future_cancelled_exception_refcycles",
        "test_future_disallow_multiple_initialization",
        "test_futureiter_send_after_throw_no_crash",
        "test_future_del_segfault",
        "test_callbacks_copy",
      ],
      here: "left out",
      behaviour: "How a future is built on generators, and what its C implementation must not do.",
      reason: "There is neither here: waiting is a promise.",
    },
  ],
};
