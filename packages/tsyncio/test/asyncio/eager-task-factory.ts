import type { CpythonFile } from "./behaviour.ts";

export const eagerTaskFactory: CpythonFile = {
  name: "test_eager_task_factory",
  behaviours: [
    {
      tests: ["test_await_future_during_eager_step"],
      here: "same",
      behaviour: "Eager work can set the result of a future that its creator awaits next.",
    },
    {
      tests: ["test_recursive_taskgroups"],
      here: "same",
      behaviour: "Groups nest deeply, with eager and with deferred start.",
    },
  ],
};
