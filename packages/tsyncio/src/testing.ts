/** Tools for tests: virtual time and a seeded order of wake-ups. */
export { ExplorationError, explore, type ExploreOptions } from "./testing/explore.ts";
export { simulate, type SimulateOptions, waitAllTasksBlocked } from "./testing/simulate.ts";
