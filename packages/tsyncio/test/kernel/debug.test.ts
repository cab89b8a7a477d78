import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { getRunningLoop, run, Runner } from "tsyncio";

/** Keeps the thread until the clock has moved on. */
function blockFor(milliseconds: number): void {
  const end = performance.now() + milliseconds;
  while (performance.now() < end);
}

test("debug mode warns of a callback that keeps the thread too long", async () => {
  const warned = once(process, "warning") as Promise<[Error & { code?: string }]>;
  await run(
    async () => {
      const loop = getRunningLoop();
      loop.slowCallbackDuration = 5;
      loop.callSoon(() => blockFor(10));
      const [warning] = await warned;
      assert.equal(warning.code, "TSYNCIO_SLOW_CALLBACK");
      loop.slowCallbackDuration = 100;
    },
    { debug: true },
  );
});

test("debug mode ends with the run that wanted it", async () => {
  await run(async () => assert.equal(getRunningLoop().debug, true), { debug: true });
  assert.equal(getRunningLoop().debug, false);
});

test("debug mode ends with the runner that wanted it", async () => {
  const runner = new Runner({ debug: true });
  await runner.run(async () => assert.equal(getRunningLoop().debug, true));
  await runner.close();
  assert.equal(getRunningLoop().debug, false);
});
