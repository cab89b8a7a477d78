import assert from "node:assert/strict";
import { createTask, type TaskGroup, taskGroup } from "../../src/index.ts";
import { waitAllTasksBlocked } from "../../src/testing.ts";
import { rejection } from "./rejection.ts";

/** One of the ways in which a group can be used; what holds of groups holds in each. */
export interface GroupForm {
  readonly title: string;
  /** How its children are created. */
  readonly child: { readonly eager: boolean };
  /** A group whose failures are thrown in this form. */
  readonly group: <T>(body: (group: TaskGroup) => T | PromiseLike<T>) => Promise<T>;
  /** What such a group has thrown, taken apart: its failures, the first one first. */
  readonly failuresIn: (thrown: unknown) => unknown[];
}

/** Children start eagerly or later; failures are thrown as the first of them, or in an `AggregateError`. */
export const groupForms: readonly GroupForm[] = [false, true].flatMap((eager) =>
  [false, true].map((aggregate) => ({
    title: `${eager ? "eager" : "deferred"} start, ${aggregate ? "aggregate" : "first failure thrown"}`,
    child: { eager },
    group: (body) => taskGroup(body, { aggregate }),
    failuresIn: aggregate ? failuresInAggregate : failuresWithSuppressed,
  })),
);

function failuresInAggregate(thrown: unknown): unknown[] {
  assert.ok(thrown instanceof AggregateError);
  assert.equal(thrown.cause, thrown.errors[0]);
  return thrown.errors;
}

function failuresWithSuppressed(thrown: unknown): unknown[] {
  assert.ok(thrown instanceof Error && !(thrown instanceof AggregateError));
  return [thrown, ...((thrown as { suppressed?: unknown[] }).suppressed ?? [])];
}

/** Runs a function as a task of a simulation, and cancels it when everything waits. Gives what it threw. */
export async function cancelledOutside(body: () => unknown): Promise<{ error: unknown; cancelled: boolean }> {
  const task = createTask(body);
  await waitAllTasksBlocked();
  task.cancel("from outside");
  const error = await rejection(task);
  return { error, cancelled: task.cancelled() };
}
