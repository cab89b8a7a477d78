import { baseEvents } from "./base-events.ts";
import type { CpythonFile } from "./behaviour.ts";
import { eagerTaskFactory } from "./eager-task-factory.ts";
import { events } from "./events.ts";
import { futures } from "./futures.ts";
import { futures2 } from "./futures2.ts";
import { graph } from "./graph.ts";
import { locks } from "./locks.ts";
import { queues } from "./queues.ts";
import { runners } from "./runners.ts";
import { staggered } from "./staggered.ts";
import { taskgroups } from "./taskgroups.ts";
import { tasks } from "./tasks.ts";
import { timeouts } from "./timeouts.ts";
import { tools } from "./tools.ts";
import { waitfor } from "./waitfor.ts";

/** All of CPython's test files that are mirrored here, each from a file of its own. */
export const catalogue: readonly CpythonFile[] = [
  baseEvents,
  eagerTaskFactory,
  events,
  futures,
  futures2,
  graph,
  locks,
  queues,
  runners,
  staggered,
  taskgroups,
  tasks,
  timeouts,
  tools,
  waitfor,
];
