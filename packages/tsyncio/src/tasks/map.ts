import { runIn } from "../kernel/context.ts";
import { suspend } from "../kernel/suspend.ts";
import { expectFunction, expectLimit } from "../kernel/values.ts";
import type { Wait } from "../kernel/wait.ts";
import { cameToGrief, Crew } from "./crew.ts";
import { combineFailures } from "./failures.ts";
import { shield } from "./shield.ts";
import { type AnyIterable, expectSource, openSource } from "./source.ts";
import { BlockScope } from "./block-scope.ts";

/** Options of {@link map}. */
export interface MapOptions {
  /** How many calls run at once. From 1 on; default: no limit. */
  readonly limit?: number;
  /** Whether the results come in the order of the items, or in that of completion. Default: true. */
  readonly ordered?: boolean;
}

/**
 * Calls `fn` with each item of an iterable, an async iterable or a stream, at most `limit` at a time, and resolves to the
 * results. Items are taken lazily: the next one when there is room for it. The first failure cancels the other
 * calls, leaves the source, waits until all have ended, and is thrown; so does a cancellation of the caller.
 *
 *     const pages = await map(urls, (url) => fetchPage(url), { limit: 2 });
 *     console.log(pages.length); // 3
 */
export async function map<T, R>(
  items: AnyIterable<T>,
  fn: (item: T, index: number) => R | PromiseLike<R>,
  options: MapOptions = {},
): Promise<R[]> {
  expectFunction(fn, "map");
  const limit = expectLimit(options.limit ?? Number.POSITIVE_INFINITY, "map: limit");
  const ordered = options.ordered ?? true;
  expectSource(items, "map");
  const source = openSource(items, "map");
  const scope = new BlockScope("combinator", "map");
  const results: R[] = [];
  const failures: unknown[] = [];
  let cutShort = false;
  let room: Wait<void> | null = null;
  const crew = new Crew(scope, limit, (task) => {
    task.retrieved = true;
    if (cameToGrief(task, scope)) {
      failures.push(task.payload);
      scope.cancel("map: another call failed");
    } else if (task.status === "cancelled") cutShort = true;
    else if (!ordered) results.push(task.payload as R);
    room?.resolve();
  });
  const feed = async (): Promise<void> => {
    for (let index = 0; ; index += 1) {
      while (crew.size >= limit) {
        await suspend<void>("room in map", (wait) => {
          room = wait;
        });
        room = null;
      }
      const next = await source.iterator.next();
      if (next.done === true) return;
      const item = next.value;
      const place = index;
      const task = crew.add<R>(() => fn(item, place), fn.name === "" ? undefined : fn.name);
      if (ordered) task.observe(() => (results[place] = task.payload as R));
    }
  };
  try {
    await runIn(scope, feed);
  } catch (error) {
    if (!scope.isInForce(error)) {
      failures.push(error);
      scope.cancel("map: the source failed");
    } else cutShort = true;
    await shield(() => source.leave()).catch((failure: unknown) => failures.push(failure));
  }
  await crew.ended("map");
  scope.end();
  if (failures.length > 0) throw combineFailures(failures, "map");
  if (scope.outer !== null && cutShort) throw scope.outer;
  return results;
}
