import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { cancelScope, type CancelScope, createTask, isCancelled, shield, sleep, taskGroup } from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

const caught = (promise: PromiseLike<unknown>): PromiseLike<unknown> =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );

test("a group never ends before its children, and its outcome follows its rules, in every order", () =>
  fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ delay: fc.nat(20), fails: fc.boolean(), cleanUp: fc.nat(20) }), { maxLength: 6 }),
      fc.option(fc.nat(30), { nil: undefined }),
      fc.nat(),
      (children, cancelAt, seed) =>
        simulate(
          async () => {
            let alive = 0;
            let failures = 0;
            let outer!: CancelScope;
            let error: unknown;
            const killer = createTask(async () => {
              if (cancelAt === undefined) return;
              await sleep(cancelAt);
              outer.cancel();
            });
            await cancelScope(async (scope) => {
              outer = scope;
              const group = taskGroup((members) => {
                for (const { delay, fails, cleanUp } of children) {
                  members.createTask(async () => {
                    alive += 1;
                    try {
                      await sleep(delay);
                      if (fails) throw ((failures += 1), new Error("child"));
                    } finally {
                      await shield(() => sleep(cleanUp));
                      alive -= 1;
                    }
                  });
                }
              });
              error = await caught(group);
              assert.equal(alive, 0);
              if (failures > 0) assert.equal((error as Error).message, "child");
              else if (error !== "no error") assert.ok(isCancelled(error) && scope.cancelled);
              const suppressed = (error as { suppressed?: unknown[] }).suppressed ?? [];
              if (failures > 0) assert.equal(1 + suppressed.length, failures);
            });
            await killer;
          },
          { seed },
        ),
    ),
    { numRuns: 60 },
  ));
