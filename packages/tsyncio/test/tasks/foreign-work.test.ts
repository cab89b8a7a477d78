import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, test } from "node:test";
import { setTimeout as foreignTimeout } from "node:timers/promises";
import {
  cancelScope,
  CancelledError,
  createTask,
  currentTask,
  detached,
  interruptible,
  isCancelled,
  run,
  sleep,
  sleepForever,
  suspend,
  throwIfCancelled,
  timeout,
  type Wait,
  withSignal,
} from "../../src/index.ts";

const caught = (promise: PromiseLike<unknown>): PromiseLike<unknown> =>
  promise.then(
    () => assert.fail("expected a rejection"),
    (error: unknown) => error,
  );

describe("withSignal", () => {
  test("gives what the function gives, or throws what it throws", async () => {
    assert.equal(await withSignal(() => "sync"), "sync");
    assert.equal(await withSignal(async (signal) => signal.aborted), false);
    await assert.rejects(
      withSignal(() => Promise.reject(new Error("no"))),
      /no/,
    );
  });

  test("aborts with the scope's CancelledError, and throws that, whatever the function threw", async () => {
    const answers: Record<string, (signal: AbortSignal) => unknown> = {
      "its own AbortError": (signal) => foreignTimeout(3_600_000, undefined, { signal }),
      "a wrapped reason": (signal) =>
        aborted(signal).catch((cause: unknown) => Promise.reject(new Error("wrapped", { cause }))),
      "the reason": (signal) => aborted(signal),
    };
    for (const [what, answer] of Object.entries(answers)) {
      await cancelScope(async (scope) => {
        const waiting = withSignal(answer);
        scope.cancel("reason");
        const error = await caught(waiting);
        assert.ok(error instanceof CancelledError && error.reason === "reason", what);
      });
    }
  });

  function aborted(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason as Error));
    });
  }

  test("waits until the function has settled; a value stays a value", async () => {
    let settle!: (value: string) => void;
    let settled = false;
    await cancelScope(async (scope) => {
      const waiting = withSignal(() => new Promise<string>((resolve) => (settle = resolve)));
      const value = waiting.then((given) => ((settled = true), given));
      scope.cancel();
      await new Promise((resolve) => setImmediate(resolve));
      assert.equal(settled, false);
      settle("value");
      assert.equal(await value, "value");
    });
  });

  test("gives each call a fresh signal, and none is aborted after its end", async () => {
    const signals: AbortSignal[] = [];
    await cancelScope(async (scope) => {
      for (let i = 0; i < 2; i += 1) await withSignal((signal) => void signals.push(signal));
      scope.cancel();
    });
    assert.notEqual(signals[0], signals[1]);
    assert.deepEqual(
      signals.map((signal) => [signal.aborted, getEventListeners(signal, "abort").length]),
      [
        [false, 0],
        [false, 0],
      ],
    );
  });

  test("does not call the function in a cancelled scope", async () => {
    await cancelScope(async (scope) => {
      scope.cancel();
      assert.ok(isCancelled(await caught(withSignal(() => assert.fail("never called")))));
    });
  });

  test("gives the outer error when the outer scope is cancelled while the function unwinds", async () => {
    await cancelScope(async (outer) => {
      const inner = cancelScope(async (scope) => {
        const waiting = withSignal(async (signal) => {
          await aborted(signal).catch(() => {});
          outer.cancel();
          throw new Error("whatever");
        });
        scope.cancel();
        await waiting;
      });
      const error = await caught(inner);
      assert.ok(isCancelled(error) && error.scope === outer);
    });
  });
});

describe("interruptible", () => {
  test("waits for a thenable that calls back at once, and for one that throws, every time", async () => {
    // oxlint-disable-next-line unicorn/no-thenable -- another library's thenable is what this is about
    const ready = { then: (onFulfilled: (value: number) => void): void => onFulfilled(5) } as PromiseLike<number>;
    const faulty = {
      // oxlint-disable-next-line unicorn/no-thenable -- see above
      then: () => {
        throw new Error("faulty");
      },
    } as PromiseLike<number>;
    for (let round = 0; round < 2; round += 1) {
      assert.equal(await interruptible(ready), 5);
      await assert.rejects(interruptible(faulty), /faulty/);
    }
  });

  test("gives what the promise gives [test_futures: test_wrap_future, test_copy_state, test_copy_state_from_concurrent_futures]", async () => {
    assert.equal(await interruptible(Promise.resolve("value")), "value");
    assert.equal(await interruptible("not a promise"), "not a promise");
    await assert.rejects(interruptible(Promise.reject(new Error("no"))), /no/);
  });

  test("stops waiting when it is cancelled, and leaves the promise to the others [test_futures: test_wrap_future_cancel, test_wrap_future_cancel2]", async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const other = interruptible(promise);
    await cancelScope(async (scope) => {
      const waiting = interruptible(promise);
      scope.cancel();
      assert.ok(isCancelled(await caught(waiting)));
    });
    resolve("value");
    assert.equal(await other, "value");
    assert.equal(await interruptible(promise), "value");
  });

  test("leaves no unhandled rejection behind when a promise fails whose waiters were all cancelled", async () => {
    const { promise, reject } = Promise.withResolvers<string>();
    await cancelScope(async (scope) => {
      const waiting = interruptible(promise);
      scope.cancel();
      await caught(waiting);
    });
    reject(new Error("nobody waits any more"));
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("a foreign promise in a finally", () => {
  test("is no cancellation point: it just works in a cancelled scope", async () => {
    const events: string[] = [];
    await cancelScope(async (scope) => {
      try {
        scope.cancel();
        await sleep(1);
      } finally {
        await foreignTimeout(1);
        events.push("cleaned");
      }
    });
    assert.deepEqual(events, ["cleaned"]);
  });
});

describe("what is detached", () => {
  /** A pool whose one connection is opened by the first who needs it, and reads in the background from then on. */
  class LazyPool {
    private opening: Promise<string> | undefined;
    private reader: Wait<string> | undefined;

    connection(): Promise<string> {
      return (this.opening ??= detached(() => sleep(2, "connection")));
    }

    listen(): Promise<string> {
      return detached(() => suspend<string>("a message", (wait) => void (this.reader = wait)));
    }

    message(text: string): boolean {
      return this.reader?.resolve(text) === true;
    }
  }

  for (const place of ["inside a run", "outside any run"] as const) {
    test(`outlives the request that opened it: a lazy pool works in the next request, ${place}`, async () => {
      const serve = async (): Promise<void> => {
        const pool = new LazyPool();
        let messages: Promise<string> | undefined;
        const first = timeout(1, async () => {
          messages = pool.listen();
          await interruptible(pool.connection());
        });
        assert.equal(((await caught(first)) as Error).name, "TimeoutError");
        assert.equal(await timeout("10s", () => interruptible(pool.connection())), "connection");
        assert.equal(pool.message("hello"), true);
        assert.equal(await messages, "hello");
      };
      await (place === "inside a run" ? run(serve) : serve());
    });
  }

  test("belongs to no task, is in nobody's scope, and returns what it returns", async () => {
    await cancelScope(async (scope) => {
      scope.cancel();
      assert.equal(
        detached(() => {
          throwIfCancelled();
          return currentTask();
        }),
        undefined,
      );
    });
  });

  test("in a run is cut when the run ends", async () => {
    let waiting: Promise<unknown> | undefined;
    await run(() => void (waiting = detached(() => sleepForever())));
    assert.ok(isCancelled(await caught(waiting as Promise<unknown>)));
  });
});

describe("createTask in a request", () => {
  test("belongs to the run, not to the scope that happened to create it", async () => {
    const task = await cancelScope(async (scope) => {
      const created = createTask(() => sleep(1, "background"));
      scope.cancel();
      return [created] as const;
    });
    assert.equal(await task?.[0], "background");
  });
});
