import { currentScope } from "../kernel/context.ts";
import { type Duration, toMilliseconds } from "../kernel/duration.ts";
import { type Alternative, type Selectable, selectable } from "../kernel/selectable.ts";
import { immediate, suspend } from "../kernel/suspend.ts";
import { describeValue } from "../kernel/values.ts";

/** Which alternative happened, and what it gave. */
export type Selected<S extends Record<string, Selectable<unknown>>> = {
  [K in keyof S]: { readonly key: K; readonly value: S[K] extends Selectable<infer T> ? T : never };
}[keyof S];

/**
 * Waits until one of several things can be done, and does exactly that one: the others leave no trace, and no item,
 * permit or lock is lost. Of those that are possible at once, the first in the order of writing is taken.
 *
 *     const jobs = new Queue<string>();
 *     const stop = new Event();
 *     await jobs.put("sweep the floor");
 *     const happened = await select({ job: jobs, stop, idle: after("30s") });
 *     if (happened.key === "job") show(happened.value);
 *
 * A queue gives its next item, `queue.putting(item)` puts one, a task or future gives its result (a failed one
 * throws), an event is set, `lock.acquiring()` gives a lease. Cancelling the caller does none of them.
 */
export async function select<const S extends Record<string, Selectable<unknown>>>(
  alternatives: S,
): Promise<Selected<S>> {
  const entries = Object.entries(alternatives).map(([key, value]) => ({ key, alternative: open(key, value) }));
  if (entries.length === 0) throw new TypeError("select: expected at least one alternative, got none");
  const chosen = await choose(entries, { anyOf: Object.values(alternatives) });
  return chosen as unknown as Selected<S>;
}

interface Entry {
  readonly key: string;
  readonly alternative: Alternative<unknown>;
}

interface Choice {
  readonly key: string;
  readonly value: unknown;
}

function choose(entries: readonly Entry[], target: unknown): Promise<Choice> {
  const scope = currentScope();
  if (scope.effective === null) {
    const ready = firstReady(entries);
    if (ready !== undefined) return immediate(ready);
  }
  return suspend<Choice>(`select(${entries.map(({ key }) => key).join(", ")})`, (wait) => {
    wait.target = target;
    const leaves: (() => void)[] = [];
    const leaveAll = (): void => {
      for (const leave of leaves.splice(0)) leave();
    };
    for (const { key, alternative } of entries) {
      leaves.push(
        alternative.subscribe({
          resolve: (value) => wait.resolve({ key, value }) && (leaveAll(), true),
          reject: (error) => wait.reject(error) && (leaveAll(), true),
        }),
      );
      if (wait.pending) continue;
      // It happened while it was asked: it has not been left yet, and the rest need not be asked.
      leaveAll();
      break;
    }
    return leaveAll;
  });
}

/** What gives the first choice that need not be waited for, or throws what it threw; undefined if there is none. */
function firstReady(entries: readonly Entry[]): (() => Choice) | undefined {
  try {
    for (const { key, alternative } of entries) {
      const ready = alternative.poll();
      if (ready !== undefined) return () => ({ key, value: ready.value });
    }
    return undefined;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}

function open(key: string, value: unknown): Alternative<unknown> {
  const found = (value as Partial<Selectable<unknown>> | null | undefined)?.[selectable];
  if (typeof found === "function") return found.call(value);
  throw new TypeError(
    `select: ${JSON.stringify(key)} cannot be selected: expected a queue, a task, a future, an event, after(), ` +
      `queue.putting() or lock.acquiring(), got ${describeValue(value)}`,
  );
}

/**
 * An alternative of {@link select} that is possible once `duration` has passed, counted from the call of `after`.
 *
 *     const jobs = new Queue<string>();
 *     const { key } = await select({ job: jobs, idle: after("30s") });
 *     console.log(key); // idle
 */
export function after(duration: Duration): Selectable<void> {
  const { loop } = currentScope();
  const when = loop.time() + toMilliseconds(duration, "after");
  return {
    [selectable]: () => ({
      poll: () => (when <= loop.time() ? { value: undefined } : undefined),
      subscribe: (waiter) => {
        const timer = loop.addTimer(when, () => waiter.resolve(undefined));
        return () => loop.removeTimer(timer);
      },
    }),
  };
}
