import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { Timer, TimerHeap } from "../../src/kernel/timer-heap.ts";

describe("the timer heap", () => {
  test("gives its timers in order of their moments, those of one moment in order of setting, and loses none", () => {
    const action = fc.oneof(
      fc.record({ kind: fc.constant("add" as const), when: fc.nat(20) }),
      fc.record({ kind: fc.constant("remove" as const), which: fc.nat() }),
      fc.record({ kind: fc.constant("pop" as const) }),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const heap = new TimerHeap();
        const model: Timer[] = [];
        let sequence = 0;
        for (const step of actions) {
          if (step.kind === "add") {
            const timer = new Timer(step.when, sequence++, () => {});
            heap.add(timer);
            model.push(timer);
            model.sort((a, b) => a.when - b.when || a.sequence - b.sequence);
          } else if (step.kind === "remove") {
            const [timer] = model.length === 0 ? [] : model.splice(step.which % model.length, 1);
            if (timer !== undefined) heap.remove(timer);
            if (timer !== undefined) heap.remove(timer);
          } else {
            const first = heap.peek();
            assert.equal(first, model.shift());
            if (first !== undefined) heap.remove(first);
          }
          assert.equal(heap.size, model.length);
          assert.equal(heap.peek(), model[0]);
        }
      }),
    );
  });
});
