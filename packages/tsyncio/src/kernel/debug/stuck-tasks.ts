import { clearTimeout, setTimeout } from "node:timers";
import { inEmptyContext } from "../empty-context.ts";
import { lastWaitOf } from "./slow-steps.ts";
import { taskAround, type WatchedLoop, type WatchedScope } from "./subjects.ts";
import { warn } from "./warn.ts";

/**
 * Names the tasks that were cancelled a while ago and still have not ended, though they wait for nothing of tsyncio: they
 * await a foreign promise, which no cancellation ends. Clean-up in a `shield` is left in peace until its grace is over.
 */
export class StuckTasks {
  private readonly loop: WatchedLoop;
  private readonly timers: Set<NodeJS.Timeout> = new Set();
  private readonly named: WeakSet<WatchedScope> = new WeakSet();

  constructor(loop: WatchedLoop) {
    this.loop = loop;
  }

  /** A scope was cancelled: looks again later, by the host's clock also in a simulation. Holds no process alive. */
  lookLater(cancelled: WatchedScope): void {
    const delay = this.loop.stuckTaskDuration;
    const look = (): void => {
      this.timers.delete(timer);
      for (const task of tasksIn(cancelled)) this.look(task, delay);
    };
    const timer = inEmptyContext(setTimeout, look, delay).unref();
    this.timers.add(timer);
  }

  /** Looks no more. */
  stop(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  private look(task: WatchedScope, delay: number): void {
    const state = stateOf(task);
    if (state === "shielded") this.lookLater(task);
    if (state !== "stuck" || this.named.has(task)) return;
    this.named.add(task);
    const site = lastWaitOf(task)?.site;
    const last = site === undefined ? "It has not waited for anything of tsyncio." : `Its last wait was at ${site}.`;
    warn(
      "TSYNCIO_STUCK_TASK",
      `${task.name} was cancelled ${delay} ms ago, and still awaits a promise that tsyncio does not know. ${last}`,
      "Hand the work a signal with withSignal(), or only stop waiting for it with interruptible().",
    );
  }
}

/** The tasks in a scope, or the one around it. */
function tasksIn(scope: WatchedScope): readonly WatchedScope[] {
  const tasks = [taskAround(scope)];
  const unvisited = [...scope.childScopes()];
  for (let at = unvisited.pop(); at !== undefined; at = unvisited.pop()) {
    if (at.kind === "task") tasks.push(at);
    unvisited.push(...at.childScopes());
  }
  return tasks.filter(({ kind, ended }) => kind === "task" && !ended);
}

function stateOf(task: WatchedScope): "stuck" | "shielded" | "busy" {
  let cancelled = false;
  let shielded = false;
  const blocks = [task];
  for (let block = blocks.pop(); block !== undefined; block = blocks.pop()) {
    if (block.waits.first !== null) return "busy";
    cancelled ||= block.effective !== null;
    shielded ||= block.kind === "shield" && block.effective === null;
    const inside = block.childScopes();
    if (inside.some(({ kind }) => kind === "task")) return "busy";
    blocks.push(...inside);
  }
  if (shielded) return "shielded";
  return cancelled ? "stuck" : "busy";
}
