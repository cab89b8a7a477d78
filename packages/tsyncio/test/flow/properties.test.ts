import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { moveOnAfter, sleep } from "tsyncio";
import { type Flow, flow } from "tsyncio/flow";
import { simulate } from "tsyncio/testing";
import { currentScope } from "../../src/kernel/context.ts";

const limit = fc.integer({ min: 1, max: 4 });
const step = fc.oneof(
  fc.record({ kind: fc.constant("map" as const), limit, ordered: fc.boolean() }),
  fc.record({ kind: fc.constant("flatMap" as const), limit, ordered: fc.boolean() }),
  fc.record({ kind: fc.constant("fork" as const), limit, ordered: fc.boolean() }),
  fc.record({ kind: fc.constant("batch" as const), items: limit, maxWait: fc.constantFrom(undefined, 0, 3) }),
  fc.record({ kind: fc.constant("buffer" as const), items: limit }),
  fc.record({ kind: fc.constant("filter" as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** What is known of a run: calls that are open, by stage, and how often the source was opened and left. */
class Witness {
  readonly open: number[] = [];
  read = 0;
  opened = 0;
  returned = 0;
  ended = false;

  async call<T>(stage: number, bound: number, item: number, value: T): Promise<T> {
    this.open[stage] = (this.open[stage] ?? 0) + 1;
    try {
      assert.ok((this.open[stage] ?? 0) <= bound, `stage ${stage} has ${this.open[stage]} calls open, of ${bound}`);
      await sleep((item * 7 + stage * 3) % 5);
      return value;
    } finally {
      this.open[stage] = (this.open[stage] ?? 0) - 1;
    }
  }

  source(count: number): AsyncIterable<number> {
    return {
      [Symbol.asyncIterator]: () => {
        this.opened += 1;
        return {
          next: async () => {
            await sleep(this.read % 3);
            this.ended = this.read === count;
            return this.ended ? { done: true, value: undefined } : { done: false, value: this.read++ };
          },
          return: async () => {
            this.returned += 1;
            return { done: true, value: undefined };
          },
        };
      },
    };
  }

  /** After the end: nothing runs, and the source was left once, unless it had ended by itself. */
  checkEnd(): void {
    assert.deepEqual(
      this.open.filter((count) => count !== 0),
      [],
    );
    assert.equal(this.opened, 1);
    // Who leaves while the source is about to say that it has ended cannot know that.
    assert.ok(this.ended ? this.returned <= 1 : this.returned === 1, `left ${this.returned} times`);
    assert.deepEqual(currentScope().childScopes(), []);
  }
}

function build(count: number, steps: readonly Step[], witness: Witness): Flow<number> {
  let built: Flow<number> = flow(witness.source(count));
  for (const [stage, step] of steps.entries()) {
    if (step.kind === "map") {
      built = built.map((item) => witness.call(stage, step.limit, item, item), step);
    } else if (step.kind === "flatMap") {
      const expand = async function* (item: number): AsyncGenerator<number> {
        yield await witness.call(stage, step.limit, item, item);
        yield await witness.call(stage, step.limit, item, -1);
      };
      built = built.flatMap(expand, step).filter((item) => item >= 0);
    } else if (step.kind === "fork") {
      built = built.fork({ same: (item) => witness.call(stage, step.limit, item, item) }, step).map(({ same }) => same);
    } else if (step.kind === "batch") {
      const { items, maxWait } = step;
      built = built.batch(maxWait === undefined ? { items } : { items, maxWait }).flatMap((items_) => items_);
    } else if (step.kind === "buffer") {
      built = built.buffer({ items: step.items });
    } else {
      built = built.filter((item) => item % 5 !== stage);
    }
  }
  return built;
}

function expected(count: number, steps: readonly Step[]): number[] {
  const dropped = new Set(steps.flatMap((step, stage) => (step.kind === "filter" ? [stage] : [])));
  return [...Array(count).keys()].filter((item) => !dropped.has(item % 5));
}

const isOrdered = (steps: readonly Step[]): boolean => steps.every((step) => !("ordered" in step) || step.ordered);
const steps = fc.array(step, { maxLength: 4 });
const count = fc.integer({ min: 0, max: 15 });
const seed = fc.integer();

test("whatever the stages and the order of events, nothing is lost, doubled or out of order, and no limit is exceeded", async () => {
  await fc.assert(
    fc.asyncProperty(steps, count, seed, async (steps, count, seed) => {
      await simulate(
        async () => {
          const witness = new Witness();
          const items = await build(count, steps, witness).collect();
          assert.deepEqual(isOrdered(steps) ? items : items.toSorted((a, b) => a - b), expected(count, steps));
          assert.equal(witness.returned, 0);
          witness.checkEnd();
        },
        { seed },
      );
    }),
    { numRuns: 150 },
  );
});

test("wherever a loop is left, everything ends, and what it had is a part of the whole", async () => {
  const way = fc.constantFrom("break" as const, "cancel" as const, "take" as const);
  await fc.assert(
    fc.asyncProperty(steps, count, fc.nat({ max: 20 }), way, seed, async (steps, count, after, way, seed) => {
      await simulate(
        async () => {
          const witness = new Witness();
          const built = build(count, steps, witness);
          const items: number[] = [];
          if (way === "take") items.push(...(await built.take(after + 1).collect()));
          else {
            await moveOnAfter(way === "cancel" ? after : Infinity, async () => {
              for await (const item of built) {
                items.push(item);
                if (way === "break" && items.length > after) break;
              }
            });
          }
          const whole = expected(count, steps);
          if (isOrdered(steps)) assert.deepEqual(items, whole.slice(0, items.length));
          else assert.ok(new Set(items).size === items.length && items.every((item) => whole.includes(item)));
          if (witness.opened > 0) witness.checkEnd();
        },
        { seed },
      );
    }),
    { numRuns: 150 },
  );
});

test("a slow reader holds up the source: what is between them is bounded", async () => {
  await fc.assert(
    fc.asyncProperty(steps, seed, async (steps, seed) => {
      await simulate(
        async () => {
          const witness = new Witness();
          const iterator = build(1_000, steps, witness)[Symbol.asyncIterator]();
          await iterator.next();
          await sleep(10_000);
          // A stage holds at most 2 × 4 items; a flatMap 8 times 4 of two each; a fork, a batch two stages.
          assert.ok(witness.read <= steps.length * 40 + 10, `${witness.read} items were read`);
          await iterator.return();
          witness.checkEnd();
        },
        { seed },
      );
    }),
    { numRuns: 60 },
  );
});
