import assert from "node:assert/strict";
import { test } from "node:test";
import { runProgram } from "../kernel/program.ts";

test("a group that has failed or was cancelled leaves nothing of itself in the task that goes on [test_taskgroups: test_exception_refcycles_direct, test_exception_refcycles_errors, test_exception_refcycles_parent_task, test_exception_refcycles_parent_task_derived, test_exception_refcycles_propagate_cancellation_error, test_exception_refcycles_base_error]", async () => {
  const { lines, errors } = await runProgram(
    `
    import { cancelScope, run, sleep, sleepForever, taskGroup } from "tsyncio";
    const references = (objects) => objects.map((object) => new WeakRef(object));
    async function fails(aggregate, eager) {
      const [first, second] = [new Error("first"), new Error("second")];
      const kept = [first, second];
      const thrown = await taskGroup((group) => {
        kept.push(group);
        kept.push(group.createTask(() => Promise.reject(first), { eager }));
        kept.push(group.createTask(() => sleepForever().catch(() => Promise.reject(second)), { eager }));
      }, { aggregate }).catch((error) => error);
      return references([...kept, thrown]);
    }
    async function isCancelled(eager) {
      const kept = [];
      await cancelScope(async (scope) => {
        kept.push(scope);
        await taskGroup(async (group) => {
          kept.push(group);
          kept.push(group.createTask(() => sleepForever(), { eager }));
          await sleep(0);
          scope.cancel();
          await sleepForever().catch((error) => { kept.push(error); throw error; });
        });
      });
      return references(kept);
    }
    await run(async () => {
      const all = [];
      for (const eager of [false, true]) {
        all.push(...await fails(false, eager), ...await fails(true, eager), ...await isCancelled(eager));
      }
      for (let i = 0; i < 5; i += 1) { await new Promise((resolve) => setTimeout(resolve, 1)); globalThis.gc(); }
      console.log(all.filter((reference) => reference.deref() !== undefined).length, "of", all.length, "are left");
    });`,
    { flags: ["--expose-gc"] },
  );
  assert.deepEqual([lines, errors], [["0 of 32 are left"], ""]);
});
