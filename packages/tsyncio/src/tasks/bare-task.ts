import { Outcome } from "./outcome.ts";

/**
 * A promise that is resolved with a thenable waits for it, so a task that travels through a queue or a future would
 * arrive as its result, late. Refused at the door, with a hint.
 * @throws TypeError
 */
export function refuseBareTask(value: unknown, method: string): void {
  if (value instanceof Outcome) {
    throw new TypeError(
      `${method}: ${value.name} is awaitable, so the receiver would get its result instead: wrap it, as in { task }`,
    );
  }
}
