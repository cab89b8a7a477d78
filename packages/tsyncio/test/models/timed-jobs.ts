import * as fc from "fast-check";
import { getRunningLoop, isCancelled, shield, sleep } from "tsyncio";

/** What one job does: it takes some time, then gives its number or fails; when it is cancelled, it cleans up first. */
export interface Plan {
  readonly takes: number;
  readonly fails: boolean;
  readonly cleanUp: number;
}

/** At most this many jobs, so that each has a bit of its own below the milliseconds. */
const most = 10;

/**
 * A number of milliseconds that with no sum of others makes the same moment: each has a bit of its own behind the point.
 * So who is first is never a matter of the order of wake-ups, and the outcome can be calculated.
 */
export function moment(whole: number, bit: number): number {
  return whole + 2 ** -(bit + 1);
}

/** Moments for what is no job: a delay, a deadline, a cancellation. */
export function distinctMoment(max: number, bit: 16 | 20 | 24 | 28): fc.Arbitrary<number> {
  return fc.nat({ max }).map((whole) => moment(whole, bit));
}

export const plans: fc.Arbitrary<Plan[]> = fc
  .array(
    fc.record({
      takes: fc.nat({ max: 20 }),
      fails: fc.boolean(),
      cleanUp: fc.nat({ max: 5 }),
      succeedsAnyway: fc.boolean(),
    }),
    { minLength: 1, maxLength: most },
  )
  .map((list) =>
    list.map(({ takes, fails, cleanUp, succeedsAnyway }, index) => ({
      takes: moment(takes, index),
      fails: fails && !succeedsAnyway,
      cleanUp,
    })),
  );

export const limits: fc.Arbitrary<number> = fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY);

/** How a job fails. */
export class JobError extends Error {
  readonly job: number;

  constructor(job: number) {
    super(`job ${job} failed`);
    this.job = job;
  }
}

/** Jobs that do as planned, and what could be seen of them. */
export class Stage {
  readonly started: number[] = [];
  readonly ended: number[] = [];
  mostAtOnce = 0;
  private readonly plans: readonly Plan[];

  constructor(plans: readonly Plan[]) {
    this.plans = plans;
  }

  readonly job = async (index: number): Promise<number> => {
    const { takes, fails, cleanUp } = this.plans[index] as Plan;
    this.started.push(index);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.started.length - this.ended.length);
    try {
      await sleep(takes);
      if (fails) throw new JobError(index);
      return index;
    } catch (error) {
      if (isCancelled(error)) await shield(() => sleep(cleanUp));
      throw error;
    } finally {
      this.ended.push(index);
    }
  };

  get jobs(): (() => Promise<number>)[] {
    return this.plans.map((_plan, index) => () => this.job(index));
  }
}

/** When a job would run if nothing cancelled it. */
export interface Slot {
  readonly index: number;
  readonly start: number;
  readonly end: number;
  readonly plan: Plan;
}

/** When each job runs, if at most `limit` of them do at once, in order. */
export function schedule(plans: readonly Plan[], limit: number): Slot[] {
  const free = Array.from({ length: Math.min(limit, plans.length) }, () => 0);
  return plans.map((plan, index) => {
    const start = Math.min(...free);
    const end = start + plan.takes;
    free[free.indexOf(start)] = end;
    return { index, start, end, plan };
  });
}

/** The earliest to end of some slots. */
export function firstOf(slots: readonly Slot[]): Slot | undefined {
  return slots.toSorted((a, b) => a.end - b.end)[0];
}

/** The jobs that have begun before a moment. */
export function begunBefore(slots: readonly Slot[], moment: number): number[] {
  return slots.filter(({ start }) => start < moment).map(({ index }) => index);
}

/** When all have ended that are cancelled at a moment. */
export function unwoundAt(slots: readonly Slot[], moment: number): number {
  const running = slots.filter(({ start, end }) => start < moment && end > moment);
  return moment + Math.max(0, ...running.map(({ plan }) => plan.cleanUp));
}

/** What came out of an operation, and when. */
export type Ending = { readonly at: number } & (
  | { readonly value: unknown }
  | { readonly failed: number | readonly number[] }
  | { readonly error: string }
);

/** Runs an operation, and says what came out of it. */
export async function ending(operation: () => Promise<unknown>): Promise<Ending> {
  const loop = getRunningLoop();
  try {
    const value = await operation();
    return { value, at: loop.time() };
  } catch (error) {
    const at = loop.time();
    if (error instanceof JobError) return { failed: error.job, at };
    if (error instanceof AggregateError) return { failed: error.errors.map((each: JobError) => each.job), at };
    return { error: (error as Error).name, at };
  }
}
