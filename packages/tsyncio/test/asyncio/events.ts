import type { CpythonFile } from "./behaviour.ts";

export const events: CpythonFile = {
  name: "test_events",
  behaviours: [
    {
      tests: ["test_call_soon"],
      here: "same",
      behaviour: "`callSoon` passes its arguments on, and never calls synchronously.",
    },
    {
      tests: ["test_call_later", "test_timer_comparison"],
      here: "same",
      behaviour: "Timers fire by their deadline; those of one moment in the order of the calls.",
    },
    {
      tests: ["test_timer"],
      here: "same",
      behaviour: "A timer keeps the process alive until its moment; `when()` tells that.",
    },
    {
      tests: ["test_handle"],
      here: "same",
      behaviour: "A cancelled handle is never called, and cancelling it twice is harmless.",
    },
    {
      tests: ["test_cancel"],
      here: "adapted",
      behaviour: "A cancelled timer keeps nothing alive.",
      reason: "Its function and arguments are let go at once.",
    },
    {
      tests: ["test_callback_with_exception"],
      here: "same",
      behaviour: "An error in a callback goes to the exception handler, and the loop goes on.",
    },
    {
      tests: [
        "test_call_soon_threadsafe",
        "test_call_soon_threadsafe_same_thread",
        "test_call_soon_threadsafe_handle_block_check_cancelled",
        "test_call_soon_threadsafe_handle_block_cancellation",
      ],
      here: "left out",
      behaviour: "Another thread can schedule callbacks.",
      reason: "A message to a `MessagePort` does that in JavaScript.",
    },
    {
      tests: [
        "test_run_until_complete",
        "test_run_until_complete_stopped",
        "test_run_until_complete_stopping",
        "test_close",
      ],
      here: "left out",
      behaviour: "A loop is run until something is complete, stopped and closed.",
      reason: "JavaScript's loop is always running; `run` and `Runner` have beginning and end.",
    },
    {
      tests: ["test_hash", "test_timer_hash"],
      here: "left out",
      behaviour: "Handles can be members of sets, and are equal when they would be called alike.",
      reason: "Every object can be one here, by identity.",
    },
  ],
};
