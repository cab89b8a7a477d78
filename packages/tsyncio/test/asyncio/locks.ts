import type { CpythonFile } from "./behaviour.ts";

export const locks: CpythonFile = {
  name: "test_locks",
  behaviours: [
    {
      tests: ["test_lock", "test_release_no_waiters"],
      here: "same",
      behaviour: "A lock says whether it is held, and is free again once it is released.",
    },
    {
      tests: ["test_acquire"],
      here: "same",
      behaviour:
        "A release wakes the one who has waited longest, and nobody else; the same holds for a semaphore and its permits.",
    },
    {
      tests: ["test_acquire_cancel"],
      here: "same",
      behaviour: "A waiter that is cancelled leaves the line of a lock or semaphore without a trace.",
    },
    {
      tests: ["test_cancel_race"],
      here: "same",
      behaviour: "A release that meets the cancellation of the next waiter goes to the one after it.",
    },
    {
      tests: ["test_cancel_release_race"],
      here: "same",
      behaviour: "When the first waiter is cancelled while the lock is released, the lock is granted exactly once.",
    },
    {
      tests: ["test_finished_waiter_cancelled"],
      here: "rewritten",
      behaviour:
        "A waiter that was given the lock and is cancelled in the same tick has it; when its block gives it back, it goes to the next.",
      reason: "What was granted before the cancellation is kept, so that it is never granted twice or to nobody.",
    },
    {
      tests: ["test_release_not_acquired"],
      here: "same",
      behaviour:
        "Releasing a lock that nobody holds is an error; so is a release beyond the permits of a `BoundedSemaphore`.",
    },
    {
      tests: ["test_context_manager"],
      here: "adapted",
      behaviour: "A lock, a semaphore, a condition or the number of a barrier is given back at the end of its block.",
      reason:
        "The block form is `using lease = await lock.acquire()`; a barrier gives its number as the value of `wait()`.",
    },
    {
      tests: ["test_lock_by_with_statement"],
      here: "adapted",
      behaviour: "Naming the lock where its lease belongs fails at once, with the line that should be there.",
      reason: "It is a compile error too; `await lock` cannot be told from awaiting any other value.",
    },
    {
      tests: ["test_repr"],
      here: "same",
      behaviour: "The state, and how many wait, can be seen when a primitive is printed.",
    },
    {
      tests: ["test_wait"],
      here: "same",
      behaviour:
        "Setting an event wakes all who wait; a notification wakes those who have waited longest on a condition.",
    },
    {
      tests: ["test_wait_on_set"],
      here: "same",
      behaviour: "Waiting for an event that is set does not wait.",
    },
    {
      tests: ["test_wait_cancel"],
      here: "same",
      behaviour:
        "A cancelled waiter of an event or condition leaves no trace; that of a condition has the lock again before its error goes on.",
    },
    {
      tests: ["test_clear_with_waiters"],
      here: "same",
      behaviour: "Those whom `set()` has woken go on, although the event is cleared before they run.",
    },
    {
      tests: ["test_clear"],
      here: "same",
      behaviour: "Clearing an event only changes the flag.",
    },
    {
      tests: ["test_notify", "test_notify_all"],
      here: "same",
      behaviour:
        "`notify(n)` wakes n in the order of their coming, `notifyAll()` all; they go on one by one as the lock gets free.",
    },
    {
      tests: ["test_wait_unacquired", "test_notify_unacquired", "test_notify_all_unacquired"],
      here: "same",
      behaviour: "Waiting and notifying without the lock are errors.",
    },
    {
      tests: ["test_wait_for_unacquired"],
      here: "rewritten",
      behaviour: "`waitFor` without the lock is an error also when its predicate holds already.",
      reason:
        "A predicate that is looked at without the lock may be true by accident; an error that depends on that is found late.",
    },
    {
      tests: ["test_wait_for"],
      here: "same",
      behaviour: "`waitFor(predicate)` waits in a loop, and gives the value of the predicate.",
    },
    {
      tests: ["test_wait_cancel_contested"],
      here: "same",
      behaviour: "A cancelled waiter waits for the lock before its error goes on, also while somebody else has it.",
    },
    {
      tests: ["test_wait_cancel_after_notify"],
      here: "same",
      behaviour: "A waiter that was notified and waits for the lock can still be cancelled.",
    },
    {
      tests: ["test_cancelled_error_wakeup", "test_cancelled_error_re_aquire"],
      here: "same",
      behaviour: "The error that leaves a cancelled `wait()` is the very one of the cancellation.",
    },
    {
      tests: ["test_cancelled_wakeup", "test_cancelled_wakeup_relock"],
      here: "same",
      behaviour: "A notified waiter that is cancelled passes its notification to another, in both of its phases.",
    },
    {
      tests: ["test_explicit_lock"],
      here: "same",
      behaviour: "Several conditions may share a lock.",
    },
    {
      tests: ["test_timeout_in_block"],
      here: "same",
      behaviour: "A timed wait inside the block leaves the lock held.",
    },
    {
      tests: ["test_initial_value_zero"],
      here: "same",
      behaviour: "A semaphore may have no permits at first.",
    },
    {
      tests: ["test_semaphore_value"],
      here: "same",
      behaviour: "A negative number of permits is an error.",
    },
    {
      tests: ["test_semaphore"],
      here: "same",
      behaviour: "Acquiring takes permits, and releasing gives them back.",
    },
    {
      tests: ["test_acquire_cancel_before_awoken", "test_acquire_hang", "test_acquire_no_hang"],
      here: "same",
      behaviour: "Cancelled waiters are passed over; no permit is lost or doubled, and nobody behind them hangs.",
    },
    {
      tests: ["test_acquire_fifo_order", "test_acquire_fifo_order_2", "test_acquire_fifo_order_3"],
      here: "same",
      behaviour:
        "Permits go strictly in the order of coming, also against a task that releases and acquires at once, and when one in the middle is cancelled.",
    },
    {
      tests: ["test_acquire_fifo_order_4"],
      here: "same",
      behaviour: "Those who come while others wait are behind them, also when permits are free; `locked()` says so.",
    },
    {
      tests: ["test_barrier_parties"],
      here: "same",
      behaviour: "A barrier needs at least one party.",
    },
    {
      tests: ["test_filling_one_task", "test_filling_one_task_twice"],
      here: "same",
      behaviour: "A barrier of one party never makes anybody wait.",
    },
    {
      tests: ["test_filling_task_by_task"],
      here: "same",
      behaviour: "All parties are released together; nobody waits then, and the barrier is not broken.",
    },
    {
      tests: ["test_filling_tasks_check_return_value"],
      here: "same",
      behaviour: "Each party of a round gets another number, from 0 on.",
    },
    {
      tests: ["test_filling_tasks_wait_twice"],
      here: "same",
      behaviour: "A barrier is used in rounds, and nobody is two rounds ahead.",
    },
    {
      tests: ["test_draining_state", "test_blocking_tasks_while_draining"],
      here: "rewritten",
      behaviour: "Those who come early for the next round belong to it at once.",
      reason:
        "The last party settles all waits of its round in one step, so there is no phase in which a round drains.",
    },
    {
      tests: ["test_filling_tasks_cancel_one"],
      here: "same",
      behaviour: "A cancelled party leaves the count.",
    },
    {
      tests: [
        "test_reset_barrier",
        "test_reset_barrier_while_tasks_waiting",
        "test_reset_barrier_while_tasks_waiting_and_waiting_again",
      ],
      here: "same",
      behaviour: "A reset throws those who wait out, and the barrier can be used again.",
    },
    {
      tests: [
        "test_reset_barrier_while_tasks_draining",
        "test_reset_barrier_when_tasks_half_draining",
        "test_reset_barrier_when_tasks_half_draining_half_blocking",
        "test_abort_barrier_when_tasks_half_draining_half_blocking",
      ],
      here: "rewritten",
      behaviour: "A round that is complete goes on, whatever is done to the barrier before its parties have left.",
      reason: "The last party settles all waits of its round in one step: it is over when it is complete.",
    },
    {
      tests: [
        "test_abort_barrier",
        "test_abort_barrier_when_exception",
        "test_abort_barrier_when_exception_then_resetting",
      ],
      here: "same",
      behaviour: "An aborted barrier throws those who wait and who come, until it is reset.",
    },
  ],
};
