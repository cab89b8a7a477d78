import type { CallStack } from "./call-stack.ts";
import type { WatchedScope, WatchedWait } from "./subjects.ts";
import { warn } from "./warn.ts";

/** How many are named; the rest is counted. */
const maxNamed = 3;

/** Names what still waited in a scope that was left, and who has it now. */
export function warnOfLeftBehind(
  scope: WatchedScope,
  heir: WatchedScope,
  waits: readonly WatchedWait[],
  children: readonly WatchedScope[],
  stackOf: (wait: WatchedWait) => CallStack | undefined,
): void {
  const names = [
    ...waits.map((wait) => {
      const site = stackOf(wait)?.site;
      return site === undefined ? wait.label : `${wait.label} at ${site}`;
    }),
    ...children.filter(isBusy).map(({ name }) => name),
  ];
  if (names.length === 0) return;
  const more = names.length > maxNamed ? ` and ${names.length - maxNamed} more` : "";
  warn(
    "TSYNCIO_LEFT_BEHIND",
    `${scope.name} has ended, but something in it still waits: ${names.slice(0, maxNamed).join(", ")}${more}. ` +
      `It belongs to ${heir.name} now, and is cancelled with that.`,
    "Await what you call before the block ends, or give it an owner with createTask() or a group.",
  );
}

/** Whether something in a scope waits: not so in that of an iterator that nobody reads at the moment. */
function isBusy(scope: WatchedScope): boolean {
  return scope.kind === "task" || scope.waits.first !== null || scope.childScopes().some(isBusy);
}
