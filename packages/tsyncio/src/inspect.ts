/** `tsyncio/inspect`: a look into a running program. */
export type { StackFrame } from "./kernel/debug/call-stack.ts";
export { type CallGraph, type CallGraphOptions, captureCallGraph } from "./inspect/call-graph.ts";
export { formatCallGraph, printCallGraph, type PrintCallGraphOptions } from "./inspect/print-call-graph.ts";
export { snapshot } from "./inspect/snapshot.ts";
export { formatTaskTable } from "./inspect/task-table.ts";
export { formatTaskTree } from "./inspect/task-tree.ts";
export type {
  AwaitedSnapshot,
  CancellationSnapshot,
  ClockSnapshot,
  RunSnapshot,
  ScopeSnapshot,
  Snapshot,
  TaskSnapshot,
  TaskStateName,
  WaitSnapshot,
} from "./tasks/inspection/snapshot.ts";
