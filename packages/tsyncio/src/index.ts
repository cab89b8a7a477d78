/**
 * tsyncio: asyncio for TypeScript, on plain `async`/`await`.
 *
 * Inside, floors; a file imports from its own floor or a lower one only:
 *
 *     5  this file and the other entry files: exports, nothing else
 *     4  flow/  resilience/  testing/
 *     3  sync/ (locks, semaphores, events)   queues/
 *     2  tasks/ (tasks, groups, combinators, timeouts, run)
 *     1  kernel/ (loop, timers, scopes, the one way to wait)
 *     0  errors.ts
 */
export {
  BrokenBarrierError,
  CancelledError,
  type CancelledScope,
  DeadlockError,
  InvalidStateError,
  isCancelled,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  TimeoutError,
} from "./errors.ts";
export { getRunningLoop } from "./kernel/context.ts";
export { type Duration, toMilliseconds } from "./kernel/duration.ts";
export { EventLoop, type ExceptionContext, type Handle } from "./kernel/event-loop.ts";
export type { Selectable } from "./kernel/selectable.ts";
export { suspend, type SuspendOptions } from "./kernel/suspend.ts";
export type { Wait } from "./kernel/wait.ts";
export { Broadcast, type BroadcastOptions, type BroadcastStatistics } from "./queues/broadcast.ts";
export type { Subscription } from "./queues/broadcast-subscription.ts";
export type { ItemStore } from "./queues/item-store.ts";
export { LifoQueue } from "./queues/lifo-queue.ts";
export { PriorityQueue, type PriorityQueueOptions } from "./queues/priority-queue.ts";
export { Queue, type QueueOptions, type QueueStatistics, type ShutdownOptions } from "./queues/queue.ts";
export { Barrier, type BarrierStatistics } from "./sync/barrier.ts";
export { BoundedSemaphore } from "./sync/bounded-semaphore.ts";
export { Condition, type ConditionStatistics } from "./sync/condition.ts";
export { Event, type EventStatistics } from "./sync/event.ts";
export type { Lease } from "./sync/lease.ts";
export { Lock, type LockStatistics } from "./sync/lock.ts";
export { Semaphore, type SemaphoreStatistics } from "./sync/semaphore.ts";
export { allTasks } from "./tasks/all-tasks.ts";
export { asCompleted, type AsCompletedOptions, type Completed } from "./tasks/as-completed.ts";
export { cancelScope, type CancelScope, type CancelScopeOptions } from "./tasks/cancel-scope.ts";
export { type Coroutine, coroutine } from "./tasks/coroutine.ts";
export { createTask, type TaskOptions } from "./tasks/create-task.ts";
export { detached } from "./tasks/detached.ts";
export { ensureFuture, type Ensured } from "./tasks/ensure-future.ts";
export { Future } from "./tasks/future.ts";
export { gather, type GatherOptions } from "./tasks/gather.ts";
export { type ChildOptions, type TaskGroup, taskGroup, type TaskGroupOptions } from "./tasks/group.ts";
export { interruptible } from "./tasks/interruptible.ts";
export { iterate, type PromptIterator } from "./tasks/iterate.ts";
export { interval } from "./tasks/interval.ts";
export type { Job } from "./tasks/job.ts";
export { type Limiter, limiter } from "./tasks/limiter.ts";
export { map, type MapOptions } from "./tasks/map.ts";
export { type EventIterator, on, type OnOptions } from "./tasks/on.ts";
export { once } from "./tasks/once.ts";
export { asSafeChannel, produce } from "./tasks/produce.ts";
export { firstSuccess, race } from "./tasks/race.ts";
export { resource } from "./tasks/resource.ts";
export { currentRun, type Run } from "./tasks/run-scope.ts";
export { run, type RunOptions } from "./tasks/run.ts";
export { Runner } from "./tasks/runner.ts";
export { after, select } from "./tasks/select.ts";
export { shield, type ShieldOptions } from "./tasks/shield.ts";
export { checkpoint, sleep, sleepForever, sleepUntil, throwIfCancelled, yieldNow } from "./tasks/sleep.ts";
export type { AnyIterable } from "./tasks/source.ts";
export { staggered } from "./tasks/staggered.ts";
export { currentTask, type Task } from "./tasks/task.ts";
export {
  currentDeadline,
  moveOnAfter,
  type Timeout,
  timeout,
  timeoutAt,
  type TimeoutState,
  waitFor,
} from "./tasks/timeout.ts";
export { wait, type Waited, type WaitOptions } from "./tasks/wait.ts";
export { withSignal } from "./tasks/with-signal.ts";
