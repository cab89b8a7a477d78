import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { open } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  allTasks,
  cancelScope,
  coroutine,
  createTask,
  detached,
  getRunningLoop,
  type Handle,
  isCancelled,
  moveOnAfter,
  resource,
  run,
  shield,
  sleep,
  sleepForever,
  taskGroup,
} from "../../src/index.ts";
import { checkLeaks, type Leak, LeakError, simulate } from "../../src/testing.ts";

/** What a check finds, as sentences. */
async function found(body: () => unknown, options?: Parameters<typeof checkLeaks>[1]): Promise<readonly Leak[]> {
  const error = await checkLeaks(body, { grace: 20, ...options }).then(
    () => assert.fail("expected a leak"),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof LeakError, String(error));
  return error.leaks;
}

const sentences = async (body: () => unknown, options?: Parameters<typeof checkLeaks>[1]): Promise<string[]> =>
  (await found(body, options)).map(({ what }) => what);

const here = fileURLToPath(import.meta.url);

describe("checkLeaks with a function", () => {
  test("returns the value of one that leaves nothing behind, and hands on the error of one that fails", async () => {
    assert.equal(await checkLeaks(async () => taskGroup((group) => group.createTask(() => "value").then())), "value");
    assert.equal(await checkLeaks(coroutine(async () => 1)()), 1);
    const failing = checkLeaks(() => {
      createTask(() => sleepForever());
      throw new Error("no");
    });
    await assert.rejects(failing, /^Error: no$/);
  });

  test("names a task, and what it waits for; then cancels it and waits for its end", async () => {
    const ended: string[] = [];
    const poll = async (): Promise<void> => {
      try {
        await sleep("1h");
      } finally {
        await shield(() => sleep(1));
        ended.push("poll");
      }
    };
    assert.deepEqual(await sentences(() => void createTask(poll)), ["the task poll, which waits for sleep(1h)"]);
    assert.deepEqual(ended, ["poll"]);
    assert.equal(allTasks().size, 0);
  });

  test("names detached work, waits that nobody awaits, and scheduled callbacks", async () => {
    const calls: Handle[] = [];
    const left = await sentences(async () => {
      detached(() => void sleepForever());
      void sleep("1h").catch(() => {});
      calls.push(getRunningLoop().callAt(Number.MAX_SAFE_INTEGER, () => {}));
      getRunningLoop()
        .callLater("1h", () => {})
        .cancel();
    });
    assert.deepEqual(left.toSorted(), [
      `a callback that is scheduled for ${Number.MAX_SAFE_INTEGER} ms on its loop's clock`,
      "a wait for sleep(1h) that nobody awaits",
      "a wait for sleepForever() that nobody awaits",
    ]);
    assert.equal(calls[0]?.cancelled(), true);
  });

  test("takes a task that was cancelled for left only if it has not ended a turn later", async () => {
    await checkLeaks(() => void createTask(() => sleepForever(), { eager: true }).cancel());
    const slow = async (): Promise<void> => {
      try {
        await sleepForever();
      } finally {
        await shield(() => sleep(5));
      }
    };
    assert.equal((await found(() => void createTask(slow, { eager: true }).cancel())).length, 1);
  });

  test("names a listener on process or a given emitter or target, and the line that added it", async () => {
    const emitter = new EventEmitter();
    const target = new AbortController().signal;
    const onMessage = (): void => {};
    emitter.on("message", onMessage);
    const left = await found(
      () => {
        const onExit = (): void => {};
        process.once("exit", onExit);
        emitter.on("message", onMessage);
        target.addEventListener("abort", onMessage);
        emitter.once("gone", onMessage);
        emitter.off("gone", onMessage);
        target.addEventListener("gone", onMessage);
        target.removeEventListener("gone", onMessage);
      },
      { emitters: [emitter, target] },
    );
    process.removeAllListeners("exit");
    assert.deepEqual(
      left.map(({ what }) => what),
      [
        'a listener of "exit" (onExit) on process',
        'a listener of "message" (onMessage) on an EventEmitter',
        'a listener of "abort" (onMessage) on an AbortSignal',
      ],
    );
    for (const { origin } of left) assert.match(origin ?? "", /check-leaks\.test\.ts:\d+/);
    assert.equal(emitter.listenerCount("newListener"), 0);
    assert.equal(Object.hasOwn(target, "addEventListener"), false);
  });

  test("names timers, sockets, servers, child processes and files that are open, and the line that opened them", async () => {
    const opened: (() => unknown)[] = [];
    const left = await found(async () => {
      const timer = setInterval(() => {}, 1_000_000);
      setTimeout(() => {}, 1_000_000).unref();
      clearTimeout(setTimeout(() => {}, 1_000_000));
      const server = createServer();
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const socket = connect((server.address() as { port: number }).port, "127.0.0.1");
      const [accepted] = (await once(server, "connection")) as [Socket];
      const child = spawn(process.execPath, ["-e", "setInterval(() => {}, 1e6)"], { stdio: "ignore" });
      const file = await open(here);
      opened.push(
        () => clearInterval(timer),
        () => server.close(),
        () => socket.destroy(),
        () => accepted.destroy(),
        () => child.kill(),
        () => file.close(),
      );
    });
    for (const close of opened) await close();
    assert.deepEqual(left.map(({ what }) => what).toSorted(), [
      "a child process",
      "a server's socket that listens",
      "a socket",
      "a socket",
      "a timer (setTimeout or setInterval)",
      "an open file (fs.promises.open)",
    ]);
    const timer = left.find(({ what }) => what.startsWith("a timer"));
    assert.match(timer?.origin ?? "", /^at .*check-leaks\.test\.ts:\d+/);
  });

  test("waits for handles that are about to close, and for no longer than the grace", async () => {
    await checkLeaks(async () => {
      const server: Server = createServer((socket) => socket.destroy());
      server.listen(0, "127.0.0.1");
      await once(server, "listening");
      const socket = connect((server.address() as { port: number }).port, "127.0.0.1");
      await once(socket.resume(), "close");
      server.close();
    });
  });

  test("lets resources of the function close first", async () => {
    await checkLeaks(async () => {
      await resource(
        () => setInterval(() => {}, 1_000_000),
        (timer) => clearInterval(timer),
      );
    });
  });

  test("does not count what others do meanwhile, nor what is ignored", async () => {
    const others = createTask(async () => {
      for (let i = 0; i < 3; i += 1) await sleep(1);
      return setTimeout(() => {}, 1_000_000);
    });
    await checkLeaks(
      async () => {
        createTask(() => sleepForever(), { name: "expected" });
        clearTimeout(await others);
      },
      { ignore: ({ kind, what }) => kind === "task" && what.includes("expected") },
    );
  });

  test("works in virtual time: the clock does not jump to what is left behind", async () => {
    const error = await simulate(() => found(() => void createTask(() => sleep("1h"), { name: "sleeper" })));
    assert.deepEqual(
      error.map(({ what }) => what),
      ["the task sleeper, which waits for sleep(1h)"],
    );
  });

  test("is cancelled with its caller, which is no leak", async () => {
    const outcome = await moveOnAfter(1, () => checkLeaks(() => sleepForever()), "moved on");
    assert.equal(outcome, "moved on");
    await cancelScope(async (scope) => {
      scope.cancel();
      await assert.rejects(
        checkLeaks(() => {}),
        isCancelled,
      );
    });
  });

  test("has a message that lists everything", async () => {
    const failing = checkLeaks(() => {
      createTask(() => sleepForever(), { name: "first" });
      createTask(() => sleepForever(), { name: "second" });
    });
    await assert.rejects(failing, {
      name: "LeakError",
      message: /^checkLeaks: 2 things were left behind\n {2}the task first, which waits for sleepForever\(\)/,
    });
  });

  test("refuses what is no function", async () => {
    await assert.rejects(async () => checkLeaks(5 as never), /checkLeaks: expected a function, got 5/);
    await assert.rejects(async () => checkLeaks(Promise.resolve() as never), /checkLeaks: expected a function, got a/);
    assert.throws(() => checkLeaks({ grace: "soon" as never }), /checkLeaks: grace/);
  });
});

describe("checkLeaks in a block", () => {
  test("throws at the end of the block, and cancels nothing", async () => {
    await run(async () => {
      let left = createTask(() => {});
      const block = async (): Promise<void> => {
        await using _check = checkLeaks({ grace: 5 });
        left = createTask(() => sleepForever(), { name: "left" });
      };
      await assert.rejects(block(), /the task left, which waits for sleepForever\(\)/);
      assert.equal(left.done(), false);
    });
  });

  test("has nothing against a block that cleans up, nor against what was there before", async () => {
    await run(async () => {
      createTask(() => sleepForever());
      await using check = checkLeaks();
      const task = createTask(() => sleepForever());
      assert.equal(check.leaks().length, 1);
      await task.cancelAndWait();
    });
  });

  test("with `using` looks at once: what is about to end is left", () => {
    let timer: NodeJS.Timeout | undefined;
    const block = (): void => {
      using _check = checkLeaks();
      timer = setTimeout(() => {}, 1_000_000);
    };
    assert.throws(block, /one thing was left behind\n {2}a timer/);
    clearTimeout(timer);
    const clean = (): void => {
      using _check = checkLeaks();
      clearTimeout(setTimeout(() => {}, 1_000_000));
    };
    clean();
  });

  test("sees waits that nobody awaits, in its own task", async () => {
    const block = async (): Promise<void> => {
      await using _check = checkLeaks({ grace: 5 });
      void sleep(1_000_000).catch(() => {});
    };
    await run(() => assert.rejects(block(), /a wait for sleep\(1000000\) that nobody awaits/), { signals: [] });
  });
});
