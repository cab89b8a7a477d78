import type { CpythonFile } from "./behaviour.ts";

export const queues: CpythonFile = {
  name: "test_queues",
  behaviours: [
    {
      tests: ["test_empty", "test_full"],
      here: "same",
      behaviour: "Size, `empty()` and `full()` agree.",
    },
    {
      tests: ["test_order"],
      here: "same",
      behaviour:
        "Items come in the order in which they were put; from a LIFO queue the newest first, from a priority queue the smallest.",
    },
    {
      tests: ["test_maxsize", "test_blocking_put_wait"],
      here: "same",
      behaviour: "A put waits while the queue is full, and goes on when there is room.",
    },
    {
      tests: ["test_blocking_put"],
      here: "same",
      behaviour: "A queue without a `maxsize` never makes a put wait.",
    },
    {
      tests: [
        "test_nonblocking_get",
        "test_nonblocking_put",
        "test_nonblocking_get_exception",
        "test_nonblocking_put_exception",
      ],
      here: "same",
      behaviour: "`getNowait` and `putNowait` do not wait: they throw `QueueEmpty` and `QueueFull`.",
    },
    {
      tests: ["test_blocking_get", "test_blocking_get_wait"],
      here: "same",
      behaviour: "A get waits for an item if there is none.",
    },
    {
      tests: ["test_put_with_waiting_getters"],
      here: "same",
      behaviour: "An item goes to the getter that has waited longest.",
    },
    {
      tests: ["test_get_with_putters", "test_get_with_waiting_putters"],
      here: "same",
      behaviour: "Taking an item lets the putter in that has waited longest.",
    },
    {
      tests: ["test_why_are_getters_waiting", "test_why_are_putters_waiting"],
      here: "same",
      behaviour: "Producers and consumers do not block each other for good on a queue of one.",
    },
    {
      tests: ["test_get_cancelled", "test_get_cancelled_race"],
      here: "same",
      behaviour:
        "A cancelled getter loses neither the item nor the wake-up of others; one that was served in time has its item.",
    },
    {
      tests: ["test_get_cancel_drop_one_pending_reader", "test_get_cancel_drop_many_pending_readers"],
      here: "same",
      behaviour: "Cancelling getters that were just served drops no item.",
    },
    {
      tests: ["test_put_cancel_drop", "test_put_cancelled", "test_put_cancelled_race"],
      here: "same",
      behaviour: "The item of a put that was given room gets in once; that of a cancelled put never does.",
    },
    {
      tests: [
        "test_cancelled_getters_not_being_held_in_self_getters",
        "test_cancelled_puts_not_being_held_in_self_putters",
      ],
      here: "same",
      behaviour: "Cancelled getters and putters are not kept.",
    },
    {
      tests: ["test_cancelled_put_silence_value_error_exception"],
      here: "same",
      behaviour: "A cancellation is harmless when the line has changed meanwhile.",
    },
    {
      tests: ["test_float_maxsize"],
      here: "rewritten",
      behaviour: "A fractional `maxsize` is an error.",
      reason: "It has no meaning that anybody could want.",
    },
    {
      tests: ["test_task_done", "test_join_empty_queue"],
      here: "same",
      behaviour: "`join()` waits until each item is marked done, and not at all on an empty queue.",
    },
    {
      tests: ["test_task_done_underflow"],
      here: "same",
      behaviour: "More marks than items are an error.",
    },
    {
      tests: ["test_shutdown_empty"],
      here: "same",
      behaviour: "The shutdown of an empty queue throws waiting getters out, and refuses later puts and gets.",
    },
    {
      tests: ["test_shutdown_nonempty"],
      here: "same",
      behaviour:
        "What is there can still be taken after a shutdown; putters that wait are thrown out, and `join()` still needs the marks.",
    },
    {
      tests: ["test_shutdown_immediate"],
      here: "same",
      behaviour:
        "An immediate shutdown drops the items and counts them as done; another shutdown changes nothing else.",
    },
    {
      tests: ["test_shutdown_immediate_with_unfinished"],
      here: "same",
      behaviour: "After an immediate shutdown `join()` waits for the items that were taken, and for no others.",
    },
    {
      tests: ["test_format", "test_repr", "test_str"],
      here: "adapted",
      behaviour: "Size, limit, who waits, unfinished items and the shutdown can be seen when a queue is printed.",
      reason: "Printing is `util.inspect` here; a primitive has no other text form.",
    },
  ],
};
