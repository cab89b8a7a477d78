/** Tools for tests: virtual time, a seeded order of wake-ups, and a search for what was left behind. */
export { checkLeaks, type LeakCheck, type LeakCheckOptions } from "./testing/check-leaks.ts";
export { ExplorationError, explore, type ExploreOptions } from "./testing/explore.ts";
export { type Leak, LeakError } from "./testing/leak.ts";
export { simulate, type SimulateOptions } from "./testing/simulate.ts";
export { explored, simulated, withLeakCheck } from "./testing/test-functions.ts";
export { waitAllTasksBlocked } from "./testing/wait-all-tasks-blocked.ts";
