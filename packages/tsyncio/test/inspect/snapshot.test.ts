import assert from "node:assert/strict";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  cancelScope,
  createTask,
  currentRun,
  Event,
  Future,
  gather,
  getRunningLoop,
  moveOnAfter,
  Queue,
  run,
  shield,
  sleep,
  sleepForever,
  taskGroup,
  timeout,
} from "tsyncio";
import { snapshot, type Snapshot, type TaskSnapshot } from "tsyncio/inspect";
import { simulate, waitAllTasksBlocked } from "tsyncio/testing";

/** The task of that name. */
function named(picture: Snapshot, name: string): TaskSnapshot {
  return picture.tasks.find((task) => task.name === name) ?? assert.fail(`there is no task ${name}`);
}

/** Takes a picture, in virtual time, ten seconds after a main has begun; main is cancelled then. */
async function pictureOf(main: () => unknown, debug = false): Promise<Snapshot> {
  return await simulate(async () => {
    getRunningLoop().debug = debug;
    return await taskGroup(async (group) => {
      group.createTask(main, { name: "subject" });
      await sleep("10s");
      await waitAllTasksBlocked();
      const picture = snapshot();
      group.cancel("seen");
      return picture;
    });
  });
}

describe("a snapshot", () => {
  test("shows each task with its id, state, owner and waits, and since when", async () => {
    const picture = await pictureOf(() =>
      taskGroup(
        async (group) => {
          await sleep("4s");
          group.createTask(() => new Queue().get(), { name: "reader" });
        },
        { name: "readers" },
      ),
    );
    const subject = named(picture, "subject");
    const reader = named(picture, "reader");
    assert.equal(reader.state, "waiting");
    assert.equal(reader.parent, subject.id);
    assert.deepEqual(reader.owner, { kind: "group", name: "readers" });
    assert.equal(reader.since, 4_000);
    assert.deepEqual(
      reader.waits.map(({ label, since, for: duration, on, cancellable }) => ({
        label,
        since,
        duration,
        on,
        cancellable,
      })),
      [{ label: "queue.get()", since: 4_000, duration: 6_000, on: [], cancellable: true }],
    );
    const [join] = subject.waits;
    assert.equal(join?.label, "the children of readers");
    assert.equal(join.cancellable, false);
    assert.deepEqual(join.on, [{ kind: "task", id: reader.id, name: "reader", status: "pending" }]);
  });

  test("names the clock of each, and the time on it", async () => {
    const picture = await pictureOf(() => sleepForever());
    const { clock } = named(picture, "subject");
    assert.match(clock, /^simulation-\d+$/);
    assert.deepEqual(
      picture.clocks.find(({ id }) => id === clock),
      { id: clock, now: 10_000, debug: false },
    );
  });

  test("shows the blocks of a task, with their deadlines and graces", async () => {
    const picture = await pictureOf(() =>
      timeout("1h", () => taskGroup(() => moveOnAfter("2h", () => shield(() => sleepForever())), { name: "inner" })),
    );
    const { scopes, waits } = named(picture, "subject");
    assert.deepEqual(
      scopes.map(({ kind, name, inside, deadline }) => ({ kind, name, inside, deadline })),
      [
        { kind: "timeout", name: "timeout(1h)", inside: null, deadline: 3_600_000 },
        { kind: "group", name: "inner", inside: 0, deadline: null },
        { kind: "timeout", name: "moveOnAfter(2h)", inside: 1, deadline: 7_200_000 },
        { kind: "shield", name: "shield", inside: 2, deadline: null },
      ],
    );
    assert.deepEqual(
      waits.map(({ scope }) => scope),
      [3],
    );
  });

  test("tells who was cancelled, by whom and why, and until when a shield holds it off", async () => {
    const picture = await pictureOf(async () => {
      const task = createTask(() => shield(() => sleepForever(), { grace: "1m" }), { name: "victim" });
      await sleep("1s");
      createTask(() => task.cancel("no longer wanted"), { name: "canceller" });
      await sleepForever();
    });
    const victim = named(picture, "victim");
    assert.deepEqual(victim.cancelled, { scope: "victim", reason: "no longer wanted", by: "canceller" });
    assert.deepEqual(
      victim.scopes.map(({ graceEnd, cancelled }) => ({ graceEnd, cancelled })),
      [{ graceEnd: 61_000, cancelled: null }],
    );
  });

  test("tells tasks that have not started, run, wait, or await something foreign", async () => {
    const foreign = Promise.withResolvers<void>();
    const main = async (): Promise<unknown> => {
      createTask(() => sleepForever(), { name: "sleeper" });
      createTask(() => foreign.promise, { name: "client" });
      await sleep(1);
      createTask(() => {}, { name: "newcomer" });
      const { tasks } = snapshot();
      foreign.resolve();
      return tasks.filter(({ run }) => run === tasks.at(-1)?.run).map(({ name, state }) => `${name}: ${state}`);
    };
    assert.deepEqual(await run(main, { signals: [] }), [
      "main: running",
      "sleeper: waiting",
      "client: foreign",
      "newcomer: created",
    ]);
  });

  test("lists the runs, side by side and inside each other", async () => {
    const other = new Event();
    const side = run(() => other.wait(), { name: "side", signals: [] });
    await run(
      () =>
        run(
          async () => {
            const { runs, tasks } = snapshot();
            const open = runs.filter(({ name }) => ["side", "outer", "inner"].includes(name));
            assert.deepEqual(open.map(({ name }) => name).toSorted(), ["inner", "outer", "side"]);
            const inner = runs.find(({ name }) => name === "inner");
            const running = tasks.find(({ state }) => state === "running");
            assert.equal(running?.run, inner?.id);
            currentRun().cancel("enough");
            assert.equal(snapshot().runs.find(({ name }) => name === "inner")?.cancelled?.reason, "enough");
          },
          { name: "inner", signals: [] },
        ),
      { name: "outer", signals: [] },
    );
    other.set();
    await side;
  });

  test("works outside any run, and shows what waits there", async () => {
    const ready = new Future<void>({ name: "the start" });
    const waiting = cancelScope({ name: "handler" }, async () => await ready);
    await sleep(1);
    const { waits, scopes } = snapshot();
    const wait = waits.find(({ label }) => label === "the start") ?? assert.fail("the wait is not there");
    assert.deepEqual(
      wait.on.map(({ kind, name, status }) => ({ kind, name, status })),
      [{ kind: "future", name: "the start", status: "pending" }],
    );
    assert.equal(scopes[wait.scope ?? -1]?.name, "handler");
    ready.setResult();
    await waiting;
  });

  test("is the same after a trip through JSON, and frozen to the bottom", async () => {
    const picture = await pictureOf(
      () => timeout("1h", () => gather([() => sleepForever(), () => sleepForever()])),
      true,
    );
    assert.deepEqual(JSON.parse(JSON.stringify(picture)), picture);
    const thaw = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      assert.ok(Object.isFrozen(value));
      Object.values(value).forEach(thaw);
    };
    thaw(picture);
  });

  test("has stacks in debug mode: of the creation, of each wait, and of the last one", async () => {
    const readLetter = (): Promise<unknown> => new Queue().get();
    const subject = named(await pictureOf(async () => void (await readLetter()), true), "subject");
    const [wait] = subject.waits;
    assert.equal(wait?.stack?.[0]?.function, "readLetter");
    assert.match(wait.stack[0].file, /snapshot\.test\.ts$/);
    assert.deepEqual(subject.lastWait, wait.stack);
    assert.ok(subject.createdAt?.some(({ file }) => file.endsWith("snapshot.test.ts")));
    const plain = named(await pictureOf(() => readLetter()), "subject");
    assert.deepEqual([plain.createdAt, plain.lastWait, plain.waits[0]?.stack], [null, null, null]);
  });

  test("holds tens of thousands of tasks inside each other and beside each other", async () => {
    await run(
      () =>
        taskGroup(async (group) => {
          const nest = (depth: number): unknown =>
            depth === 0 ? sleepForever() : taskGroup((inner) => void inner.createTask(() => nest(depth - 1)));
          group.createTask(() => nest(2_000));
          for (let index = 0; index < 20_000; index += 1) group.createTask(() => sleepForever());
          await sleep(1);
          while (snapshot().tasks.length < 22_002) await sleep(1);
          group.cancel();
        }),
      { signals: [] },
    );
  });
});

describe("a snapshot with two copies of tsyncio in the process", () => {
  const folder = mkdtempSync(join(tmpdir(), "tsyncio-copy-"));
  cpSync(fileURLToPath(new URL("../../src", import.meta.url)), join(folder, "src"), { recursive: true });
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  after(() => rmSync(folder, { recursive: true }));
  const load = (file: string): Promise<unknown> => import(pathToFileURL(join(folder, "src", file)).href);

  test("shows the tasks of both, under different ids, whichever takes it", async () => {
    const theirs = (await load("index.ts")) as typeof import("tsyncio");
    const theirInspect = (await load("inspect.ts")) as typeof import("tsyncio/inspect");
    await run(
      async () => {
        const foreigner = theirs.createTask(() => theirs.sleepForever(), { name: "foreigner" });
        const native = createTask(() => foreigner, { name: "native" });
        await sleep(1);
        for (const take of [snapshot, theirInspect.snapshot]) {
          const picture = take();
          const { id } = named(picture, "foreigner");
          assert.deepEqual(
            named(picture, "native").waits[0]?.on.map((awaited) => awaited.id),
            [id],
          );
          assert.equal(new Set(picture.tasks.map((task) => task.id)).size, picture.tasks.length);
        }
        native.cancel();
        foreigner.cancel();
      },
      { signals: [] },
    );
  });
});
