/** Tools for tests: virtual time and a seeded order of wake-ups. */
export { simulate, type SimulateOptions, waitAllTasksBlocked } from "./testing/simulate.ts";
