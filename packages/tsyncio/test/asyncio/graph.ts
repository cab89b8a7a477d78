import type { CpythonFile } from "./behaviour.ts";

export const graph: CpythonFile = {
  name: "test_graph",
  behaviours: [
    {
      tests: ["test_stack_tgroup"],
      here: "adapted",
      behaviour:
        "From a task, the graph leads through its group to the parent, and from there on; one task can have several awaiters.",
      reason:
        "JavaScript has no frames of suspended functions: the stacks are those taken at creation and at each wait, in debug mode.",
    },
    {
      tests: ["test_stack_async_gen"],
      here: "adapted",
      behaviour: "The graph goes through async generators.",
      reason:
        "JavaScript has no frames of suspended functions: the stacks are those taken at creation and at each wait, in debug mode.",
    },
    {
      tests: ["test_stack_gather", "test_stack_shield", "test_stack_timeout", "test_stack_wait", "test_stack_task"],
      here: "adapted",
      behaviour: "What waits by gather, shield, timeout, wait or a plain await is linked as the awaiter.",
      reason:
        "JavaScript has no frames of suspended functions: the stacks are those taken at creation and at each wait, in debug mode.",
    },
    {
      tests: ["test_stack_future"],
      here: "same",
      behaviour: "A bare future names all that await it, in tasks and outside.",
    },
  ],
};
