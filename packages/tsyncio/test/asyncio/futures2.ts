import type { CpythonFile } from "./behaviour.ts";

export const futures2: CpythonFile = {
  name: "test_futures2",
  behaviours: [
    {
      tests: ["test_future_traceback"],
      here: "same",
      behaviour: "An error keeps the stack of the place where it happened, however often the future is awaited.",
    },
    {
      tests: ["test_handle_exc_handler_correct_context"],
      here: "same",
      behaviour: "The exception handler is called in the async context of the callback.",
    },
    {
      tests: ["test_task_exc_handler_correct_context"],
      here: "left out",
      behaviour: "The exception handler is told of the failure of a task, in the context of the task.",
      reason: "The failure of a task has an owner, who is told: a group, an awaiter, or the run.",
    },
    {
      tests: ["test_recursive_repr_for_pending_tasks"],
      here: "same",
      behaviour: "A future that holds itself can be printed.",
    },
  ],
};
