import type { CpythonFile } from "./behaviour.ts";

/** Each holds with deferred and with eager start, and for both forms in which a group's failures are thrown. */
export const taskgroups: CpythonFile = {
  name: "test_taskgroups",
  behaviours: [
    {
      tests: ["test_taskgroup_01"],
      here: "same",
      behaviour: "The block ends when every child has ended; the children's results can be read then.",
    },
    {
      tests: ["test_taskgroup_02"],
      here: "same",
      behaviour: "Children can be added as long as the body runs, also between two of its waits.",
    },
    {
      tests: ["test_taskgroup_24", "test_taskgroup_25"],
      here: "same",
      behaviour:
        "A child may add siblings while the body has ended already, and they are waited for; children that multiply for ever end when another one fails.",
    },
    {
      tests: ["test_taskgroup_23"],
      here: "same",
      behaviour: "A group forgets children that have ended, so that one that lives long does not grow.",
    },
    {
      tests: ["test_taskgroup_already_entered", "test_taskgroup_double_enter", "test_taskgroup_not_entered"],
      here: "left out",
      behaviour: "Entering a group twice, or using it before it is entered, is an error.",
      reason:
        "There is no group outside its block: `taskGroup` makes one for each call and hands it to the body, so none of these can be written.",
    },
    {
      tests: ["test_taskgroup_finished", "test_coro_closed_when_tg_closed"],
      here: "adapted",
      behaviour: "A group that has ended refuses children with an `InvalidStateError`; the function is not called.",
      reason: "A function that was not called needs no closing, as a coroutine of Python does.",
    },
    {
      tests: ["test_taskgroup_no_create_task_after_failure"],
      here: "same",
      behaviour:
        "A group that shuts down after a failure refuses children with an error, which does not count as one more failure.",
    },
    {
      tests: ["test_taskgroup_without_parent_task"],
      here: "rewritten",
      behaviour: "A group needs no task around it: it works at the top level of a module too.",
      reason: "Outside any task and run, there is the root scope, so every primitive works in any program.",
    },
    {
      tests: ["test_taskgroup_task_name", "test_name"],
      here: "same",
      behaviour: "A child can be given a name, which it can read itself.",
    },
    {
      tests: ["test_taskgroup_task_context"],
      here: "adapted",
      behaviour:
        "A child runs in the `AsyncLocalStorage` context of its creation; for another one, create it with a function that runs in an `AsyncLocalStorage.snapshot()`.",
      reason: "JavaScript's context is what runs a function, and not an argument.",
    },
    {
      tests: ["test_taskgroup_03"],
      here: "same",
      behaviour: "Cancelling one child disturbs neither the group nor the others, and is no failure.",
    },
    {
      tests: ["test_taskgroup_04"],
      here: "adapted",
      behaviour:
        "The first failure cancels the other children; their cancellation is no failure; once all have ended, that failure itself is thrown, and what follows the block does not run.",
      reason:
        "JavaScript has no `except*`: the first failure is thrown as it is, with further ones in its `suppressed`; `aggregate: true` throws an `AggregateError` always, as Python does.",
    },
    {
      tests: ["test_cancel_children_on_child_error"],
      here: "same",
      behaviour:
        "A failure cancels the body too, where it waits; all children that fail at once are among the failures.",
    },
    {
      tests: ["test_taskgroup_09", "test_taskgroup_10"],
      here: "same",
      behaviour:
        "A body that throws, before its first wait or after it, cancels the children, and its error is the failure.",
    },
    {
      tests: ["test_taskgroup_19"],
      here: "same",
      behaviour: "What a child or the body throws while it is cancelled stands next to the first failure.",
    },
    {
      tests: ["test_taskgroup_context_manager_exit_raises"],
      here: "adapted",
      behaviour:
        "A resource in the body whose disposer throws adds that error, and the task around the group is not left cancelled.",
      reason:
        "`await using` puts the disposer's error and the cancellation that it replaces into one `SuppressedError`.",
    },
    {
      tests: ["test_taskgroup_20", "test_taskgroup_20a", "test_taskgroup_21a"],
      here: "rewritten",
      behaviour: "Whatever is thrown is a failure like any other, also a value that is no `Error`.",
      reason:
        "JavaScript has no exceptions that are more fatal than others: interrupts are signals here, and cancel the run.",
    },
    {
      tests: ["test_cancellation", "test_taskgroup_22"],
      here: "same",
      behaviour:
        "A cancellation from outside that comes at the end of the block reaches every child; once all have ended, the `CancelledError` comes out as it is.",
    },
    {
      tests: ["test_taskgroup_07", "test_taskgroup_17"],
      here: "same",
      behaviour: "A cancellation from outside that comes while the body waits is seen by the body and by every child.",
    },
    {
      tests: ["test_taskgroup_08"],
      here: "same",
      behaviour: "Errors of the children's clean-up go before the cancellation from outside that made them clean up.",
    },
    {
      tests: ["test_taskgroup_18"],
      here: "same",
      behaviour: "A body that turns the cancellation into an error of its own has that error reported.",
    },
    {
      tests: ["test_taskgroup_15"],
      here: "rewritten",
      behaviour:
        "The failure of a child that comes while the cancelled body unwinds slowly, behind a `shield`, is reported.",
      reason: "A cancellation stays in force until its scope is left; clean-up that waits goes into `shield`.",
    },
    {
      tests: ["test_taskgroup_16"],
      here: "rewritten",
      behaviour:
        "Cancelling a task that awaits another one with such a group ends the waiting only; whoever cancels the other one gets the child's failure.",
      reason: "Awaiting a task never cancels it: its owner does.",
    },
    {
      tests: ["test_error_and_cancel"],
      here: "same",
      behaviour:
        "When a failure and a cancellation from outside come together, the failure is thrown, and the cancellation hits at the next wait after it was handled.",
    },
    {
      tests: ["test_taskgroup_11", "test_taskgroup_12"],
      here: "adapted",
      behaviour: "An inner group that fails while the outer one is cancelled has its failure come out of both.",
      reason: "Nested `AggregateError`s there are with `aggregate: true`; otherwise it is the failure itself.",
    },
    {
      tests: ["test_taskgroup_13"],
      here: "same",
      behaviour: "An outer failure cancels the inner group, which adds nothing if it saw a cancellation only.",
    },
    {
      tests: ["test_taskgroup_14"],
      here: "adapted",
      behaviour: "The failure of a child of the inner group comes out of both groups.",
      reason: "Nested `AggregateError`s there are with `aggregate: true`; otherwise it is the failure itself.",
    },
    {
      tests: ["test_nested_groups_both_cancelled"],
      here: "same",
      behaviour:
        "When both groups fail at once, the inner failure can be caught between them; then the outer group's cancellation goes on, and is over after the outer group.",
    },
    {
      tests: ["test_cancelling_level_preserved", "test_cancellation_does_not_leak_out_of_tg"],
      here: "same",
      behaviour: "After a group's failure was handled, nothing of its cancellation is left in the task around it.",
    },
    {
      tests: ["test_cancels_task_if_created_during_creation"],
      here: "same",
      behaviour:
        "A child is cancelled by the failure of a sibling that it creates itself, also while it is being created.",
    },
    {
      tests: ["gh-108951"],
      here: "same",
      behaviour:
        "`group.cancel()` cancels children and body, and the block ends without an error; it may come from anybody and more than once; errors of the unwinding are thrown all the same.",
    },
    {
      tests: ["test_taskgroup_cancel_before_create_task"],
      here: "rewritten",
      behaviour:
        "A child that is created after `group.cancel()` never begins, and ends cancelled; creating it is no error.",
      reason:
        "A scope that is cancelled cancels what is in it. An error would make a group fail that somebody ends in the moment in which it takes one more child.",
    },
    {
      tests: ["test_taskgroup_cancel_from_child_before_first_suspension"],
      here: "same",
      behaviour: "A child that cancels its group before its own first wait is cancelled there (gh-155418).",
    },
    {
      tests: ["gh-155433"],
      here: "same",
      behaviour: "A cancellation or timeout from outside that comes after `group.cancel()` is not swallowed.",
    },
    {
      tests: [
        "test_exception_refcycles_direct",
        "test_exception_refcycles_errors",
        "test_exception_refcycles_parent_task",
        "test_exception_refcycles_parent_task_derived",
        "test_exception_refcycles_propagate_cancellation_error",
        "test_exception_refcycles_base_error",
      ],
      here: "adapted",
      behaviour:
        "A group that has failed or was cancelled leaves nothing of itself, its tasks or its errors in the task that goes on.",
      reason: "Cycles of references do not matter to JavaScript's garbage collector.",
    },
  ],
};
