import type { CancellationSnapshot, TaskSnapshot, WaitSnapshot } from "../tasks/inspection/snapshot.ts";

/** `worker #7`; the name that a task has by default says its id already. */
export function titleOf({ id, name }: { readonly id: number; readonly name: string }): string {
  return name === `Task-${id}` ? name : `${name} #${id}`;
}

/** What is special about the state of a task, in words; empty for one that waits. */
export function remarksOn({ state, cancelled }: TaskSnapshot): string {
  const remarks: Record<typeof state, string> = {
    created: " (not started)",
    running: " (running)",
    waiting: "",
    foreign: " (awaits something that tsyncio does not know)",
  };
  return `${remarks[state]}${cancelled === null ? "" : ` (${describeCancellation(cancelled)})`}`;
}

function describeCancellation({ scope, reason, by }: CancellationSnapshot): string {
  return `${scope} was cancelled${by === null ? "" : ` by ${by}`}${reason === null ? "" : `: ${reason}`}`;
}

/** `sleep(1h), for 2.5 s` */
export function describeWait(wait: WaitSnapshot): string {
  return `${wait.label}, for ${describeTime(wait.for)}`;
}

function describeTime(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}
