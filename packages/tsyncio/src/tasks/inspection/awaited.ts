import type { Wait } from "../../kernel/wait.ts";
import { Outcome } from "../outcome.ts";

/**
 * The tasks and futures that a wait awaits. Its `target` is one of them, or something that yields them, such as the crew of
 * a group; where one of them, or something else, is enough, it stands under `anyOf`.
 */
export function awaitedBy(wait: Pick<Wait<never>, "target">): readonly Outcome<unknown>[] {
  const target = isEnoughOfOne(wait) ? wait.target.anyOf : wait.target;
  if (target instanceof Outcome) return [target];
  if (typeof target !== "object" || target === null || !(Symbol.iterator in target)) return [];
  return [...(target as Iterable<unknown>)].filter((member) => member instanceof Outcome);
}

/** Whether the wait ends before all that it awaits have ended. */
export function isEnoughOfOne(
  wait: Pick<Wait<never>, "target">,
): wait is { readonly target: { readonly anyOf: unknown } } {
  return typeof wait.target === "object" && wait.target !== null && "anyOf" in wait.target;
}
