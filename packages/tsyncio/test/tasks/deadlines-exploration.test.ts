import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  cancelScope,
  getRunningLoop,
  InvalidStateError,
  moveOnAfter,
  shield,
  sleep,
  type Timeout,
  timeoutAt,
} from "tsyncio";
import { explored } from "../models/explored.ts";
import { distinctMoment, type Ending, ending } from "../models/timed-jobs.ts";

const never = Number.POSITIVE_INFINITY;

/** A block that ends at a moment. */
interface Level {
  readonly kind: "timeout" | "moveOnAfter" | "cancelScope";
  readonly at: number;
}

/**
 * Blocks, the outermost first, all entered at 0; around some of them there may be a shield. In the innermost one a body
 * sleeps and then cleans up, behind a shield of its own. One deadline may be moved meanwhile.
 */
interface Nest {
  readonly levels: readonly Level[];
  /** Stands outside the level with this index; outside the body, if there is one less; or nowhere. */
  readonly shield: { readonly outside: number; readonly grace: number } | null;
  readonly sleeps: number;
  /** Whether the body catches everything and returns a value. */
  readonly stubborn: boolean;
  readonly cleanUp: number;
  readonly grace: number;
  readonly move: { readonly level: number; readonly when: number; readonly to: number } | null;
}

const moments = fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 20 }) }, { weight: 1, arbitrary: fc.constant(never) });

const nests: fc.Arbitrary<Nest> = fc.record({
  levels: fc.array(
    fc.record({
      kind: fc.constantFrom("timeout" as const, "moveOnAfter" as const, "cancelScope" as const),
      at: moments,
    }),
    { minLength: 1, maxLength: 4 },
  ),
  shield: fc.option(fc.record({ outside: fc.nat({ max: 3 }), grace: distinctMoment(10, 28) })),
  sleeps: distinctMoment(20, 20),
  stubborn: fc.boolean(),
  cleanUp: fc.nat({ max: 6 }),
  grace: distinctMoment(8, 16),
  move: fc.option(fc.record({ level: fc.nat({ max: 3 }), when: distinctMoment(20, 24), to: moments })),
});

/** What has to come out, and when. */
function expected(nest: Nest): Ending {
  const { move, sleeps, cleanUp, grace, stubborn } = nest;
  const own = nest.levels.map(({ at, kind }, index) =>
    move !== null && kind === "timeout" && move.level === index && at > move.when ? Math.max(move.to, move.when) : at,
  );
  // What comes from outside the shield is held off until the grace is over, which counts from the first of it.
  const outside = nest.shield !== null && nest.shield.outside <= own.length ? nest.shield.outside : 0;
  const held = Math.min(never, ...own.slice(0, outside)) + (nest.shield?.grace ?? 0);
  const arrivals = own.map((at, index) => (index < outside ? Math.max(at, held) : at));
  const enclosing = outside === 0 ? never : held;

  const first = Math.min(...arrivals);
  const started = Math.min(sleeps, first);
  const cancelledAt = first < sleeps ? first : Math.min(never, ...arrivals.filter((at) => at > sleeps));
  const cutAt = Math.max(cancelledAt, Math.min(cancelledAt + grace, enclosing));
  const whole = started + cleanUp;
  const cut = cutAt <= whole;
  if (!cut && (first > sleeps || stubborn)) return { value: "the body's", at: whole };
  const at = cut ? cutAt : whole;
  const outermost = nest.levels[arrivals.findIndex((arrival) => arrival <= at)] as Level;
  return outermost.kind === "timeout" ? { error: "TimeoutError", at } : { value: "moved on", at };
}

/** Enters the levels from `index` on. */
function enter(nest: Nest, index: number): Promise<unknown> {
  const inside = (): Promise<unknown> => enterLevel(nest, index);
  return nest.shield?.outside === index ? shield(inside, { grace: nest.shield.grace }) : inside();
}

async function enterLevel(nest: Nest, index: number): Promise<unknown> {
  const level = nest.levels[index];
  if (level === undefined) return work(nest);
  switch (level.kind) {
    case "timeout":
      return timeoutAt(level.at, (timeout) => {
        moveLater(nest, index, timeout);
        return enter(nest, index + 1);
      });
    case "moveOnAfter":
      return moveOnAfter(level.at, () => enter(nest, index + 1), "moved on");
    case "cancelScope": {
      const value = await cancelScope((scope) => {
        if (level.at === 0) scope.cancel();
        else getRunningLoop().callAt(level.at, () => void scope.cancel());
        return enter(nest, index + 1);
      });
      return value ?? "moved on";
    }
  }
}

function moveLater({ move }: Nest, index: number, timeout: Timeout): void {
  if (move === null || move.level !== index) return;
  getRunningLoop().callAt(move.when, () => {
    try {
      timeout.reschedule(move.to);
    } catch (error) {
      assert.ok(error instanceof InvalidStateError);
    }
  });
}

async function work({ sleeps, stubborn, cleanUp, grace }: Nest): Promise<string> {
  try {
    await sleep(sleeps);
  } catch (error) {
    if (!stubborn) throw error;
  } finally {
    await shield(() => sleep(cleanUp), { grace });
  }
  return "the body's";
}

describe("timeouts, scopes and shields in each other, one of them moved", () => {
  test("end as calculated, at the calculated moment: the outermost one whose time is up wins", () =>
    explored(3_000, nests, async (nest) => {
      assert.deepEqual(await ending(() => enter(nest, 0)), expected(nest));
    }));
});
