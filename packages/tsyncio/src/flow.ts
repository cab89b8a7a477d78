/** Pipelines whose stages overlap, bounded everywhere: `flow(source).map(…).batch(…).forEach(…)`. */
export type { ItemFunction } from "./flow/calls.ts";
export { type Flow, flow, type MappedFlow } from "./flow/flow.ts";
export type { FlowIterator } from "./flow/flow-iterator.ts";
export type { Branches, Joined } from "./flow/fork.ts";
export type { Measure } from "./flow/measure.ts";
export type {
  BatchOptions,
  BufferOptions,
  CallOptions,
  CostlyThrough,
  FlowOptions,
  StageOptions,
  Through,
} from "./flow/options.ts";
export type { FlowSource } from "./flow/source.ts";
export type { StageStats } from "./flow/stage-stats.ts";
