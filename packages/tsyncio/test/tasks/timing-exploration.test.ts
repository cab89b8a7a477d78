import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { asCompleted, createTask, gather, getRunningLoop, interval, moveOnAfter, resource, sleep, wait } from "tsyncio";
import { explored } from "../models/explored.ts";
import {
  begunBefore,
  distinctMoment,
  ending,
  firstOf,
  plans,
  schedule,
  Stage,
  unwoundAt,
} from "../models/timed-jobs.ts";

const unlimited = Number.POSITIVE_INFINITY;
const deadline = distinctMoment(30, 20);

describe("whatever jobs do, and whenever the time is up, the outcome is the calculated one, at the same moment: of", () => {
  for (const returnWhen of ["FIRST_COMPLETED", "FIRST_EXCEPTION", "ALL_COMPLETED"] as const) {
    test(`wait until ${returnWhen}, which leaves all jobs alone`, () =>
      explored(400, fc.tuple(plans, deadline), async ([script, timeout]) => {
        const slots = schedule(script, unlimited);
        const decisive = slots.filter(({ plan }) => returnWhen === "FIRST_COMPLETED" || plan.fails);
        const first = returnWhen === "ALL_COMPLETED" ? undefined : firstOf(decisive);
        const all = Math.max(...slots.map(({ end }) => end));
        const at = Math.min(first?.end ?? all, timeout);
        const stage = new Stage(script);
        const tasks = stage.jobs.map((job) => createTask(job));
        const { done, pending } = await wait(tasks, { timeout, returnWhen });
        assert.equal(getRunningLoop().time(), at);
        const ended = slots.filter(({ end }) => end <= at).map(({ index }) => tasks[index]);
        assert.deepEqual([done, pending], [new Set(ended), new Set(tasks.filter((task) => !ended.includes(task)))]);
        await wait(tasks);
        assert.equal(getRunningLoop().time(), Math.max(all, at));
        assert.deepEqual(
          tasks.map((task) => task.exception() !== undefined),
          script.map(({ fails }) => fails),
        );
      }));
  }

  test("asCompleted, read to its end, to its timeout, or left early", () =>
    explored(800, fc.tuple(plans, deadline, fc.nat({ max: 10 })), async ([script, timeout, wanted]) => {
      const slots = schedule(script, unlimited).toSorted((a, b) => a.end - b.end);
      const inTime = slots.filter(({ end }) => end < timeout);
      const read = wanted === 0 ? inTime : inTime.slice(0, wanted);
      const leftEarly = read.length === wanted && wanted > 0;
      const completed: number[] = [];
      const stage = new Stage(script);
      const names = new Map<string, number>();
      const jobs = stage.jobs.map((job, index) => {
        names.set(`job-${index}`, index);
        return Object.defineProperty(job, "name", { value: `job-${index}` });
      });
      const seen = await ending(async () => {
        for await (const task of asCompleted(jobs, { timeout })) {
          completed.push(names.get(task.name) as number);
          if (completed.length === wanted) break;
        }
        return "read";
      });
      assert.deepEqual(
        completed,
        read.map(({ index }) => index),
      );
      const over = leftEarly
        ? (read.at(-1)?.end as number)
        : read.length === slots.length
          ? (slots.at(-1)?.end as number)
          : timeout;
      const what = leftEarly || read.length === slots.length ? { value: "read" } : { error: "TimeoutError" };
      assert.deepEqual(seen, { ...what, at: unwoundAt(slots, over) });
      assert.deepEqual(stage.ended.length, begunBefore(slots, over).length, "some had not ended");
    }));

  test("the ticks of an interval, with a busy body and cancelled waits between", () => {
    const step = fc.record({
      patience: fc.option(distinctMoment(25, 20), { nil: undefined }),
      busy: distinctMoment(25, 24),
    });
    return explored(
      600,
      fc.tuple(fc.integer({ min: 1, max: 10 }), fc.array(step, { maxLength: 12 })),
      async ([period, steps]) => {
        const ticks: unknown[] = [];
        const expected: unknown[] = [];
        const iterator = interval(period);
        const loop = getRunningLoop();
        let now = 0;
        let last = 0;
        for (const { patience = unlimited, busy } of steps) {
          const tick = Math.max(last + 1, Math.ceil(now / period));
          if (tick * period > now + patience) {
            now += patience;
            expected.push(["cancelled", now]);
          } else {
            now = Math.max(now, tick * period);
            last = tick;
            expected.push([tick, now]);
          }
          now += busy;

          const value = await moveOnAfter(patience, async () => (await iterator.next()).value, "cancelled");
          ticks.push([value, loop.time()]);
          await sleep(busy);
        }
        assert.deepEqual(ticks, expected);
      },
    );
  });
});

interface Opening {
  readonly opens: number;
  readonly works: number;
  readonly closes: number;
}

describe("resources that are opened one after the other, in jobs of which some are cancelled", () => {
  const opening = fc.record({ opens: fc.nat({ max: 5 }), works: fc.nat({ max: 5 }), closes: fc.nat({ max: 3 }) });
  const user = fc.record({ openings: fc.array(opening, { maxLength: 4 }), patience: fc.nat({ max: 25 }) });

  /** Opens one resource after the other; notes what is opened and closed. */
  const use = async (openings: readonly Opening[], log: string[]): Promise<void> => {
    for (const [index, { opens, works, closes }] of openings.entries()) {
      await resource(
        async () => {
          await sleep(opens);
          log.push(`open ${index}`);
        },
        async () => {
          await sleep(closes);
          log.push(`close ${index}`);
        },
      );
      await sleep(works);
    }
  };

  test("are each closed once, the last one first, whenever the cancellation comes", () =>
    explored(600, fc.array(user, { maxLength: 5 }), async (users) => {
      const logs = users.map((): string[] => []);
      const jobs = users.map(({ openings, patience }, index) => async (): Promise<void> => {
        const task = createTask(() => use(openings, logs[index] as string[]));
        await moveOnAfter(patience, async () => {
          await task.catch(() => {});
        });
        await task.cancelAndWait();
      });
      await gather(jobs);
      for (const log of logs) {
        const opened = log.filter((line) => line.startsWith("open"));
        const closed = log.filter((line) => line.startsWith("close"));
        assert.deepEqual(
          closed.map((line) => line.replace("close", "open")),
          opened.toReversed(),
        );
        assert.deepEqual(log, [...opened, ...closed], "something was closed before the end");
      }
    }));
});
