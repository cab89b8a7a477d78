import type { CpythonFile } from "./behaviour.ts";

export const eagerTaskFactory: CpythonFile = {
  name: "test_eager_task_factory",
  behaviours: [
    {
      tests: ["test_eager_completion"],
      here: "adapted",
      behaviour: "Eager work that never waits is done when it has been created.",
      reason:
        "The promise of an `async function` calls back a microtask later, so such a task is done a microtask later.",
    },
    {
      tests: ["test_await_future_during_eager_step"],
      here: "same",
      behaviour: "Eager work can set the result of a future that its creator awaits next.",
    },
    {
      tests: ["test_block_after_eager_step"],
      here: "same",
      behaviour: "Eager work that waits is pending after its creation, and completes later.",
    },
    {
      tests: ["test_cancellation_after_eager_completion"],
      here: "same",
      behaviour: "Cancelling eager work that is done does nothing.",
    },
    {
      tests: ["test_cancellation_after_eager_step_blocks"],
      here: "same",
      behaviour: "Eager work that waits can be cancelled, and the reason is kept.",
    },
    {
      tests: ["test_current_task"],
      here: "same",
      behaviour:
        "The current task is the new one during its eager part, the same one after its waits, and the creator for the creator.",
    },
    {
      tests: ["test_all_tasks_with_eager_completion", "test_all_tasks_with_blocking"],
      here: "same",
      behaviour: "All tasks have an eager one during its first part and while it waits, and not after its end.",
    },
    {
      tests: ["test_context_vars"],
      here: "adapted",
      behaviour: "What the eager part does to an `AsyncLocalStorage` stays in the task.",
      reason: "JavaScript's context variables are `AsyncLocalStorage`s.",
    },
    {
      tests: ["test_eager_start_false"],
      here: "same",
      behaviour: "Each task can be created eager or not; its name can be read in its first part.",
    },
    {
      tests: ["test_recursive_taskgroups", "test_recursive_gather", "test_awaitables_chain"],
      here: "same",
      behaviour: "Groups, `gather` and chains of coroutines nest deeply, with eager and with deferred start.",
    },
    {
      tests: ["test_staggered_race_with_eager_tasks", "test_staggered_race_with_eager_tasks_no_delay"],
      here: "adapted",
      behaviour: "`staggered` goes the same way whether its attempts start eager tasks or not.",
      reason: "Eager is an option of each task here, and not a mode of the loop.",
    },
    {
      tests: ["test_eager_task_factory_set", "test_issue105987", "test_issue122332"],
      here: "left out",
      behaviour: "The loop's task factory can be set, and does not break CPython's C code.",
      reason: "Eager is an option of each task here, and not a mode of the loop.",
    },
  ],
};
