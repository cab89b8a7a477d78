import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  asCompleted,
  cancelScope,
  createTask,
  currentTask,
  firstSuccess,
  Future,
  gather,
  map,
  run,
  select,
  shield,
  sleep,
  sleepForever,
  type Task,
  taskGroup,
  timeout,
  wait,
} from "tsyncio";
import { type CallGraph, captureCallGraph, formatCallGraph, printCallGraph } from "tsyncio/inspect";

/**
 * Whether V8 knows who awaits a thenable, as tasks and futures are: that of Node 26 does, that of Node 24 does not. Asked
 * of V8 alone, without tsyncio.
 */
const knowsAwaiters = await (async function awaiter(): Promise<boolean> {
  let stack = "";
  // oxlint-disable-next-line unicorn/no-thenable -- that is what is asked about
  await { then: (resolve: () => void) => ((stack = new Error("where").stack ?? ""), resolve()) };
  return stack.includes("awaiter");
})();

/** The function of a plain `await` of a task or future, as far as V8 knows it. */
const awaiting = (name: string): string => (knowsAwaiters ? name : "");

/** The graph in short: each name, its functions of this file from the inside out, and who awaits it. */
type Short = readonly [name: string, functions: string, ...awaitedBy: Short[]];

function short(graph: CallGraph | null): Short {
  const { name, callStack, awaitedBy, repeats } = graph ?? assert.fail("there is no graph");
  const functions = (callStack ?? []).map((frame) => frame.function).filter((text) => /^[a-z]\w*$/.test(text));
  return [name, repeats ?? functions.join(" < "), ...awaitedBy.map(short)];
}

/** Runs a main in debug mode, which captures a graph somewhere inside. */
async function captured(main: (capture: () => void) => unknown): Promise<Short> {
  let graph: CallGraph | null = null;
  const capture = (): void => {
    graph = captureCallGraph();
  };
  await run(() => main(capture), { debug: true, signals: [] });
  return short(graph);
}

/** Where {@link captured} awaits its run. */
const outside: Short = ["root", "captured"];

describe("the call graph of a task", () => {
  test("leads through a group to its parent, and from there on [test_graph: test_stack_tgroup]", async () => {
    const graph = await captured(async function main(capture) {
      async function inner(): Promise<void> {
        await sleep(1);
        capture();
      }
      async function outer(): Promise<void> {
        await inner();
      }
      await taskGroup(async function body(group) {
        const task = group.createTask(outer, { name: "child" });
        group.createTask(async function waiter() {
          await task;
        });
      });
    });
    const main: Short = ["main", "main", outside];
    assert.deepEqual(graph, [
      "child",
      "capture < inner < outer",
      main,
      ["waiter", awaiting("waiter"), ["main", "elsewhere"]],
    ]);
  });

  test("goes through async generators [test_graph: test_stack_async_gen]", async () => {
    const graph = await captured(async function main(capture) {
      async function* numbers(): AsyncGenerator<number> {
        await sleep(1);
        capture();
        yield 1;
      }
      async function* doubled(): AsyncGenerator<number> {
        for await (const number of numbers()) yield number * 2;
      }
      async function read(): Promise<void> {
        for await (const number of doubled()) assert.equal(number, 2);
      }
      await read();
    });
    assert.deepEqual(graph, ["main", "capture < numbers < doubled < read < main", outside]);
  });

  const combinators: Record<string, (job: () => Promise<void>) => unknown> = {
    "gather [test_graph: test_stack_gather]": (job) => gather([job, () => sleep(2)]),
    map: (job) => map([1], () => job()),
    "a race": (job) => firstSuccess([job, () => sleepForever()]),
  };
  for (const [title, combine] of Object.entries(combinators)) {
    test(`leads through ${title}`, async () => {
      const graph = await captured(async function main(capture) {
        await combine(async function job() {
          await sleep(1);
          capture();
        });
      });
      assert.deepEqual(graph.slice(1), ["capture < job", ["main", "main", outside]]);
    });
  }

  const waits: Record<string, (task: Task<void>) => unknown> = {
    "a plain await [test_graph: test_stack_task]": (task) => task,
    "shield [test_graph: test_stack_shield]": (task) => shield(task),
    "timeout [test_graph: test_stack_timeout]": (task) => timeout("1h", () => task),
    "wait [test_graph: test_stack_wait]": (task) => wait([task]),
    "a wait for the first": (task) => wait([task, new Future()], { returnWhen: "FIRST_COMPLETED" }),
    select: (task) => select({ task, never: new Future() }),
    asCompleted: async (task) => {
      for await (const { name } of asCompleted([task])) assert.equal(name, "child");
    },
    cancelAndWait: (task) => shield(() => task.cancelAndWait()),
  };
  for (const [title, awaitTask] of Object.entries(waits)) {
    test(`leads through ${title}`, async () => {
      const graph = await captured(async function main(capture) {
        async function child(): Promise<void> {
          await (title === "cancelAndWait" ? shield(() => sleep(1)) : sleep(1));
          capture();
        }
        const task = createTask(child);
        await sleep(0);
        await awaitTask(task);
      });
      assert.equal(graph[1], "capture < child");
      assert.deepEqual(
        graph.slice(2).map((awaiter) => awaiter[0]),
        ["main"],
      );
    });
  }

  test("of a bare future names all that await it, in tasks and outside [test_graph: test_stack_future]", async () => {
    const future = new Future<number>({ name: "the answer" });
    const alone = cancelScope(() => future);
    await run(
      async () => {
        const readers = ["first", "second"].map((name) =>
          createTask(
            async function read() {
              await future;
            },
            { name },
          ),
        );
        await sleep(1);
        const graph = short(captureCallGraph(future));
        assert.deepEqual(graph, [
          "the answer",
          "",
          ["root", ""],
          ["first", awaiting("read")],
          ["second", awaiting("read")],
        ]);
        future.setResult(42);
        await gather(readers);
      },
      { debug: true, signals: [] },
    );
    await alone;
  });

  test("names a cycle, and ends there", async () => {
    const pair: Task<unknown>[] = [];
    const graph = await run(
      async () => {
        pair.push(createTask(async () => (await sleep(0), pair[1]?.join()), { name: "left" }));
        pair.push(createTask(async () => (await sleep(0), pair[0]?.join()), { name: "right" }));
        await sleep(1);
        const captured = captureCallGraph(pair[0]) as CallGraph;
        pair[0]?.cancel();
        pair[1]?.cancel();
        return captured;
      },
      { signals: [] },
    );
    assert.deepEqual(short(graph), ["left", "", ["right", "", ["left", "cycle"]]]);
    assert.match(formatCallGraph(graph), /\* Task\(name="left", id=\d+\): a cycle, it waits for itself in the end$/);
  });

  test("leaves out the innermost frames, and keeps as many as wanted", async () => {
    await run(
      async function main() {
        const names = (options: { depth?: number; limit?: number }): unknown =>
          captureCallGraph(undefined, options)?.callStack?.map((frame) => frame.function);
        function inner(): void {
          const all = names({}) as string[];
          assert.deepEqual(all.slice(0, 3), ["names", "inner", "main"]);
          assert.deepEqual(names({ depth: 1 }), all.slice(1));
          assert.deepEqual(names({ depth: 1, limit: 1 }), ["inner"]);
          assert.deepEqual(names({ limit: -1 }), all.slice(-1));
          assert.deepEqual(names({ limit: 0 }), []);
        }
        inner();
      },
      { signals: [] },
    );
  });

  test("is null outside any task, and an error for what is none", () => {
    assert.equal(captureCallGraph(), null);
    assert.throws(() => captureCallGraph({} as never), /captureCallGraph: expected a task or a future, got an object/);
  });
});

describe("a printed call graph", () => {
  test("goes to any stream, from sync code of the task too", async () => {
    const texts: string[] = [];
    const stream = { write: (text: string) => texts.push(text) };
    const expected =
      /^\* Task\(name="main", id=\d+\)\n {2}\+ Call stack:\n {2}\| {3}report \(.*call-graph\.test\.ts:\d+:\d+\)\n/;
    await run(
      async () => {
        function report(): void {
          printCallGraph(currentTask(), { stream });
        }
        report();
      },
      { signals: [] },
    );
    assert.match(texts.join(""), expected);
    printCallGraph(undefined, { stream });
    assert.equal(texts.at(-1), "outside any task\n");
  });

  test("says how to get stacks where there are none, and what is waited for all the same", async () => {
    const text = await run(
      async () => {
        const task = createTask(() => sleepForever(), { name: "sleeper" });
        const awaiter = createTask(() => task, { name: "awaiter" });
        await sleep(1);
        const graph = captureCallGraph(task) as CallGraph;
        awaiter.cancel();
        task.cancel();
        return formatCallGraph(graph);
      },
      { signals: [] },
    );
    const none = "+ Call stack: not known: debug mode keeps it (TSYNCIO_DEBUG=1, or run(main, { debug: true }))";
    assert.deepEqual(
      text.split("\n").map((line) => line.replace(/id=\d+/, "id=1")),
      [
        '* Task(name="sleeper", id=1)',
        "  + Waits for: sleepForever()",
        `  ${none}`,
        "  + Awaited by:",
        '    * Task(name="awaiter", id=1)',
        "      + Waits for: sleeper",
        `      ${none}`,
      ],
    );
  });

  test("shows where each awaits the one above, in debug mode", async () => {
    const text = await run(
      async () => {
        const task = createTask(() => sleepForever(), { name: "sleeper" });
        async function awaitIt(): Promise<void> {
          await task;
        }
        const awaiter = createTask(awaitIt, { name: "awaiter" });
        await sleep(1);
        const graph = captureCallGraph(task) as CallGraph;
        awaiter.cancel();
        task.cancel();
        return formatCallGraph(graph);
      },
      { debug: true, signals: [] },
    );
    const awaiter = /Awaited by:\n {4}\* Task\(name="awaiter", id=\d+\)\n {6}\+ Waits for: sleeper(.*)$/s.exec(text);
    assert.ok(awaiter !== null, text);
    const stack = awaiter[1] ?? "";
    if (knowsAwaiters) assert.match(stack, /^\n {6}\+ Call stack:\n {6}\| {3}async awaitIt \(/);
    else assert.equal(stack, "");
  });
});
