import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  firstSuccess,
  gather,
  getRunningLoop,
  map,
  moveOnAfter,
  race,
  sleepForever,
  staggered,
  type TaskGroup,
  taskGroup,
} from "tsyncio";
import { explored } from "../models/explored.ts";
import {
  begunBefore,
  distinctMoment,
  type Ending,
  ending,
  firstOf,
  limits,
  type Plan,
  plans,
  schedule,
  type Slot,
  Stage,
  unwoundAt,
} from "../models/timed-jobs.ts";

/** When the caller loses patience, in milliseconds. */
const patience = distinctMoment(60, 24);

const late = "the caller was cancelled";

/** What is expected if jobs run as in these slots and the first that `decides` ends it, or else the last. */
function expected(
  slots: readonly Slot[],
  patience: number,
  decides: (slot: Slot) => boolean,
  outcome: (decisive: Slot | undefined) => object,
): { readonly ending: Ending; readonly horizon: number } {
  const decisive = firstOf(slots.filter(decides));
  const over = decisive?.end ?? Math.max(...slots.map(({ end }) => end));
  const horizon = Math.min(over, patience);
  const what = patience < over ? { value: late } : outcome(decisive);
  return { ending: { ...what, at: unwoundAt(slots, horizon) } as Ending, horizon };
}

/** Compares what an operation does with what is expected: its outcome, when it ends, and which jobs began. */
async function check(
  script: readonly Plan[],
  patience: number,
  limit: number,
  operation: (stage: Stage) => Promise<unknown>,
  wanted: { readonly ending: Ending; readonly horizon: number },
  slots: readonly Slot[],
): Promise<void> {
  const stage = new Stage(script);
  const seen = await ending(() => moveOnAfter(patience, () => operation(stage), late));
  assert.deepEqual(seen, wanted.ending);
  const ascending = (list: readonly number[]): number[] => list.toSorted((a, b) => a - b);
  assert.deepEqual(ascending(stage.started), begunBefore(slots, wanted.horizon), "others began");
  assert.deepEqual(ascending(stage.ended), ascending(stage.started), "some had not ended, or ended twice");
  assert.ok(stage.mostAtOnce <= limit, `${stage.mostAtOnce} ran at once`);
}

const fails = ({ plan }: Slot): boolean => plan.fails;
const succeeds = ({ plan }: Slot): boolean => !plan.fails;

function values(slots: readonly Slot[]): number[] {
  return slots.map(({ index }) => index);
}

const byEnd = (slots: readonly Slot[]): Slot[] => slots.toSorted((a, b) => a.end - b.end);

describe("whatever jobs do, and whenever the caller is cancelled, the outcome is the calculated one, at the same moment: of", () => {
  test("gather", () =>
    explored(600, fc.tuple(plans, limits, patience), async ([script, limit, patience]) => {
      const slots = schedule(script, limit);
      const wanted = expected(slots, patience, fails, (failed) =>
        failed === undefined ? { value: values(slots) } : { failed: failed.index },
      );
      await check(script, patience, limit, (stage) => gather(stage.jobs, { limit }), wanted, slots);
    }));

  test("gather with settled", () =>
    explored(400, fc.tuple(plans, limits, patience), async ([script, limit, patience]) => {
      const slots = schedule(script, limit);
      const statuses = slots.map(({ plan }) => (plan.fails ? "rejected" : "fulfilled"));
      const never = (): boolean => false;
      const wanted = expected(slots, patience, never, () => ({ value: statuses }));
      const settle = async (stage: Stage): Promise<string[]> =>
        (await gather(stage.jobs, { limit, settled: true })).map(({ status }) => status);
      await check(script, patience, limit, settle, wanted, slots);
    }));

  test("map, ordered and not", () =>
    explored(800, fc.tuple(plans, limits, patience, fc.boolean()), async ([script, limit, patience, ordered]) => {
      const slots = schedule(script, limit);
      const wanted = expected(slots, patience, fails, (failed) =>
        failed === undefined ? { value: values(ordered ? slots : byEnd(slots)) } : { failed: failed.index },
      );
      let taken = 0;
      function* items(): Generator<number> {
        for (const index of script.keys()) {
          taken += 1;
          yield index;
        }
      }
      const mapAll = async (stage: Stage): Promise<number[]> => {
        try {
          return await map(items(), stage.job, { limit, ordered });
        } finally {
          assert.ok(taken <= stage.started.length + 1, "items were taken that nobody had room for");
        }
      };
      await check(script, patience, limit, mapAll, wanted, slots);
    }));

  test("race", () =>
    explored(600, fc.tuple(plans, patience), async ([script, patience]) => {
      const slots = schedule(script, Number.POSITIVE_INFINITY);
      const wanted = expected(
        slots,
        patience,
        () => true,
        (first) => (first?.plan.fails === true ? { failed: first.index } : { value: first?.index }),
      );
      await check(script, patience, Number.POSITIVE_INFINITY, (stage) => race(stage.jobs), wanted, slots);
    }));

  test("firstSuccess", () =>
    explored(600, fc.tuple(plans, patience), async ([script, patience]) => {
      const slots = schedule(script, Number.POSITIVE_INFINITY);
      const wanted = expected(slots, patience, succeeds, (first) =>
        first === undefined ? { failed: values(slots) } : { value: first.index },
      );
      await check(script, patience, Number.POSITIVE_INFINITY, (stage) => firstSuccess(stage.jobs), wanted, slots);
    }));

  test("staggered", () =>
    explored(600, fc.tuple(plans, patience, distinctMoment(8, 20)), async ([script, patience, delay]) => {
      const slots: Slot[] = [];
      for (const [index, plan] of script.entries()) {
        const before = slots.at(-1);
        const due = before === undefined ? 0 : before.start + delay;
        const start = before?.plan.fails === true ? Math.min(before.end, due) : due;
        slots.push({ index, start, end: start + plan.takes, plan });
      }
      const wanted = expected(slots, patience, succeeds, (first) =>
        first === undefined ? { failed: values(slots) } : { value: first.index },
      );
      await check(script, patience, Number.POSITIVE_INFINITY, (stage) => staggered(stage.jobs, delay), wanted, slots);
    }));

  test("a group with a limit and a daemon, its results included", () =>
    explored(800, fc.tuple(plans, limits, patience, fc.boolean()), async ([script, limit, patience, eager]) => {
      const slots = schedule(script, limit);
      const wanted = expected(slots, patience, fails, (failed) =>
        failed === undefined ? { value: values(byEnd(slots)) } : { failed: failed.index },
      );
      let daemonEnded = false;
      const daemon = async (): Promise<void> => {
        try {
          await sleepForever();
        } finally {
          daemonEnded = true;
        }
      };
      const group = async (group: TaskGroup, stage: Stage): Promise<unknown> => {
        group.createTask(daemon, { daemon: true, eager: true });
        for (const job of stage.jobs) group.createTask(job, { eager });
        const results: unknown[] = [];
        for await (const result of group.results()) results.push(result);
        return results;
      };
      const operation = (stage: Stage): Promise<unknown> => taskGroup((each) => group(each, stage), { limit });
      await check(script, patience, limit, operation, wanted, slots);
      assert.ok(daemonEnded, "the daemon was left behind");
    }));

  test("a group that goes on after failures, which are told together", () =>
    explored(500, fc.tuple(plans, limits, patience), async ([script, limit, patience]) => {
      const slots = schedule(script, limit);
      const failures = byEnd(slots.filter(fails));
      const never = (): boolean => false;
      const wanted = expected(slots, patience, never, () =>
        failures.length === 0 ? { value: "the body's" } : { failed: values(failures) },
      );
      // A failure is told also by a group that is cancelled later.
      const early = failures.filter(({ end }) => end < patience);
      const last = Math.max(...slots.map(({ end }) => end));
      const ending =
        patience < last && early.length > 0
          ? { ...wanted, ending: { failed: values(early), at: wanted.ending.at } }
          : wanted;
      const operation = (stage: Stage): Promise<unknown> =>
        taskGroup(
          (group) => {
            group.createTask(sleepForever, { daemon: true });
            for (const job of stage.jobs) group.createTask(job);
            return "the body's";
          },
          { limit, onError: "continue", aggregate: true },
        );
      await check(script, patience, limit, operation, ending, slots);
    }));

  test("a group that is cancelled by its own code", () =>
    explored(500, fc.tuple(plans, limits, patience), async ([script, limit, cancelAt]) => {
      const slots = schedule(script, limit);
      const wanted = expected(slots, cancelAt, fails, (failed) =>
        failed === undefined ? { value: "the body's" } : { failed: failed.index },
      );
      const ended = "value" in wanted.ending && wanted.ending.value === late;
      // Its body has returned already.
      const inEnd = ended ? { ...wanted, ending: { value: "the body's", at: wanted.ending.at } } : wanted;
      const operation = async (stage: Stage): Promise<unknown> => {
        let canceller = (): void => {};
        try {
          return await taskGroup(
            (group) => {
              const handle = getRunningLoop().callAt(cancelAt, () => void group.cancel());
              canceller = () => handle.cancel();
              for (const job of stage.jobs) group.createTask(job);
              return "the body's";
            },
            { limit },
          );
        } finally {
          canceller();
        }
      };
      await check(script, Number.POSITIVE_INFINITY, limit, operation, inEnd, slots);
    }));
});
