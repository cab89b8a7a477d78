import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { startProgram } from "./program.ts";

/**
 * Each spin ends only because an interval of the host's loop ticked in spite of it. All run in one process, one after
 * the other; one that starves the interval hangs, is killed, and so never prints its name.
 */
const prelude = `
  import { cancelScope, checkpoint, createTask, Future, gather, getRunningLoop, map, Queue, race, select, shield, sleep,
    suspend, taskGroup, timeout, withSignal } from "tsyncio";
  let ticks = 0;
  const spinning = () => ticks < 3;
  async function spin(name, body) {
    ticks = 0;
    const ticker = setInterval(() => { ticks += 1; }, 10);
    await body();
    clearInterval(ticker);
    console.log(name);
  }
`;

const spins: Record<string, string> = {
  "a pair that hands a wait to and fro": `
    const waiting = [];
    const take = () => suspend("the ball", (wait) => { waiting.push(wait); });
    const player = async () => { while (spinning()) { waiting.shift()?.resolve(); await take(); } };
    const a = player(); const b = player();
    await a.finally(() => { for (const wait of waiting) wait.resolve(); }); await b;`,
  "a loop of checkpoints": `while (spinning()) await checkpoint();`,
  "a loop of sleep(0)": `while (spinning()) await sleep(0);`,
  "a loop that awaits a finished future": `
    const future = new Future(); future.setResult(1);
    while (spinning()) await future;`,
  "a loop that swallows a foreign future's error": `
    const future = new Future(); future.setException(new Error("no"));
    while (spinning()) { try { await future; } catch {} }`,
  "a loop whose cancelled scope rejects every wait": `
    await cancelScope(async (scope) => {
      scope.cancel();
      while (spinning()) { try { await sleep("1s"); } catch {} }
    });`,
  "a loop of withSignal in a cancelled scope": `
    await cancelScope(async (scope) => {
      scope.cancel();
      while (spinning()) { try { await withSignal(async () => {}); } catch {} }
    });`,
  "a loop of timeouts whose bodies never wait": `while (spinning()) await timeout("1s", () => 1);`,
  "a loop of groups without children": `while (spinning()) await taskGroup(() => 1);`,
  "a loop of groups with a child": `while (spinning()) await taskGroup((group) => { group.createTask(() => 1); });`,
  "a loop of empty gathers": `while (spinning()) await gather([]);`,
  "a loop of gathers": `while (spinning()) await gather([() => 1, () => 2]);`,
  "a loop of maps": `while (spinning()) await map([1, 2], (n) => n);`,
  "a loop of shields": `while (spinning()) await shield(() => 1);`,
  "a loop of scopes": `while (spinning()) await cancelScope(() => 1);`,
  "a loop of races": `while (spinning()) await race([() => 1, () => 2]);`,
  "a task that reschedules itself with callSoon": `
    const loop = getRunningLoop();
    await new Promise((done) => { const again = () => (spinning() ? loop.callSoon(again) : done()); again(); });`,
  "a loop of tasks": `while (spinning()) await createTask(() => 1);`,
  "tasks of which each starts the next": `
    await new Promise((done) => { const again = () => { if (spinning()) createTask(again); else done(); }; again(); });`,
  "a long line of jobs that never wait": `
    await gather(Array.from({ length: 300_000 }, () => () => {
      if (spinning()) for (const end = performance.now() + 0.2; performance.now() < end; );
    }), { limit: 1 });
    if (spinning()) throw new Error("starved");`,
  "a loop over the results of a group without children": `
    await taskGroup(async (group) => { const results = group.results(); while (spinning()) await results.next(); });`,
  "a loop that swallows the error of a queue in a select": `
    const queue = new Queue(); queue.shutdown();
    while (spinning()) { try { await select({ queue }); } catch {} }`,
  "a loop that ends a task that has ended": `
    const task = createTask(() => 1); await task;
    while (spinning()) await task.cancelAndWait();`,
  "a loop of select over a set alternative": `
    const future = new Future(); future.setResult(1);
    while (spinning()) await select({ future });`,
  "a task that awaits itself again and again": `
    const task = createTask(async () => { await sleep(1); while (spinning()) { try { await task; } catch {} } });
    await task;`,
  "slow operations, after quick ones": `
    while (spinning()) { await sleep(0); const end = performance.now() + (ticks > 0 ? 1 : 0); while (performance.now() < end); }`,
};

describe("fairness", () => {
  const calls = Object.entries(spins).map(
    ([name, body]) => `await spin(${JSON.stringify(name)}, async () => {${body}});`,
  );
  const program = startProgram([prelude, ...calls].join("\n"));

  for (const name of Object.keys(spins)) {
    test(`${name} leaves an interval of the host its turns`, () => program.printed(name));
  }

  test("nothing of that goes wrong otherwise", async () => {
    const { status, errors } = await program.ended;
    assert.deepEqual([status, errors], [0, ""]);
  });
});
