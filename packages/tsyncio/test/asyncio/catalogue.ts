import type { CpythonFile } from "./behaviour.ts";
import { eagerTaskFactory } from "./eager-task-factory.ts";
import { staggered } from "./staggered.ts";
import { taskgroups } from "./taskgroups.ts";
import { tasks } from "./tasks.ts";
import { timeouts } from "./timeouts.ts";
import { waitfor } from "./waitfor.ts";

/** All of CPython's test files that are mirrored here, each from a file of its own. */
export const catalogue: readonly CpythonFile[] = [eagerTaskFactory, staggered, taskgroups, tasks, timeouts, waitfor];
