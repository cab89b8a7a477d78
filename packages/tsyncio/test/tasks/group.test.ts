import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  checkpoint,
  currentTask,
  InvalidStateError,
  shield,
  sleep,
  sleepForever,
  type Task,
  type TaskGroup,
  taskGroup,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

const failWith = (error: unknown) => async (): Promise<never> => {
  await sleep(0);
  throw error;
};

// The names in brackets are those of CPython's test_taskgroups.
for (const eager of [false, true]) {
  const options = { eager };
  describe(`a group whose children start ${eager ? "eagerly" : "a microtask later"}`, () => {
    test("ends when all children have, and returns the body's value (taskgroup_01)", async () => {
      const [a, b] = await taskGroup((group) => [
        group.createTask(() => sleep(1, "a"), options),
        group.createTask(() => sleep(0, "b"), options),
      ]);
      assert.deepEqual([a?.result(), b?.result()], ["a", "b"]);
      assert.equal(await taskGroup(async () => "body"), "body");
    });

    test("takes children at any time, from the body and from children (taskgroup_02, _24)", async () => {
      const done: string[] = [];
      await taskGroup(async (group) => {
        const child = (name: string) => async (): Promise<void> => {
          await sleep(0);
          done.push(name);
        };
        group.createTask(child("a"), options);
        await sleep(1);
        group.createTask(async () => {
          await sleep(1);
          group.createTask(child("grandchild"), options);
        }, options);
      });
      assert.deepEqual(done, ["a", "grandchild"]);
    });

    test("stops a child that spawns siblings for ever when another child fails (taskgroup_25)", async () => {
      const failing = taskGroup(async (group) => {
        const spawn = async (): Promise<void> => {
          await sleep(0);
          group.createTask(spawn, options);
        };
        group.createTask(spawn, options);
        group.createTask(failWith(new Error("stop")), options);
      });
      await assert.rejects(failing, /stop/);
    });

    test("forgets children that have ended (taskgroup_23)", () =>
      simulate(() =>
        taskGroup(async (group) => {
          const task = group.createTask(() => sleep(0), options);
          group.createTask(() => sleep(1), options);
          assert.equal(group.tasks.size, 2);
          await task;
          assert.equal(group.tasks.size, 1);
        }),
      ));

    test("cancelling one child disturbs nobody (taskgroup_03)", async () => {
      const [cancelled, other] = await taskGroup(async (group) => {
        const children = [
          group.createTask(() => sleepForever(), options),
          group.createTask(() => sleep(1, "other"), options),
        ] as const;
        await sleep(0);
        children[0].cancel();
        return children;
      });
      assert.deepEqual([cancelled.cancelled(), other.result()], [true, "other"]);
    });

    test("a failure cancels the siblings and the body, and is thrown itself (taskgroup_04, cancel_children_on_child_error)", async () => {
      const error = new Error("child");
      const events: string[] = [];
      const failing = taskGroup(async (group) => {
        group.createTask(failWith(error), options);
        group.createTask(async () => {
          try {
            await sleepForever();
          } finally {
            await shield(() => sleep(1));
            events.push("sibling unwound");
          }
        }, options);
        try {
          await sleepForever();
        } finally {
          events.push("body cancelled");
        }
      });
      await assert.rejects(failing, (thrown) => thrown === error && !("suppressed" in error));
      assert.deepEqual(events, ["body cancelled", "sibling unwound"]);
    });

    test("several failures are all there: the first is thrown, the others stand in its suppressed", async () => {
      const errors = ["first", "second", "third"].map((name) => new Error(name) as Error & { suppressed?: unknown[] });
      const failing = taskGroup((group) => {
        for (const error of errors) {
          group.createTask(async () => {
            await sleep(0).catch(() => {});
            throw error;
          }, options);
        }
      });
      await assert.rejects(failing, (thrown) => thrown === errors[0]);
      assert.deepEqual(errors[0]?.suppressed, errors.slice(1));
    });

    test("with aggregate, all stand in an AggregateError, even a single one, as in Python", async () => {
      const error = new Error("one");
      const failing = taskGroup((group) => void group.createTask(failWith(error), options), { aggregate: true });
      await assert.rejects(failing, (thrown) => {
        assert.ok(thrown instanceof AggregateError);
        assert.deepEqual([thrown.errors, thrown.cause], [[error], error]);
        return true;
      });
    });

    test("a body that throws, before or after its first wait, cancels the children (taskgroup_09, _10)", async () => {
      for (const wait of [false, true]) {
        const error = new Error("body");
        let child!: Task<unknown>;
        const failing = taskGroup(async (group) => {
          child = group.createTask(() => sleepForever(), options);
          if (wait) await sleep(0);
          throw error;
        });
        await assert.rejects(failing, (thrown) => thrown === error);
        assert.equal(child.cancelled(), true);
      }
    });

    test("what child and body throw while they are cancelled joins the first failure (taskgroup_19)", async () => {
      const first = new Error("first") as Error & { suppressed?: unknown[] };
      const [inChild, inBody] = [new Error("child's clean-up"), new Error("body's clean-up")];
      const failing = taskGroup(async (group) => {
        group.createTask(() => sleepForever().catch(() => Promise.reject(inChild)), options);
        group.createTask(failWith(first), options);
        await sleepForever().catch(() => Promise.reject(inBody));
      });
      await assert.rejects(failing, (thrown) => thrown === first);
      assert.deepEqual(new Set(first.suppressed), new Set([inChild, inBody]));
    });

    test("an error of a resource's disposer in the body counts too (context_manager_exit_raises)", async () => {
      const disposal = new Error("disposer");
      const failing = taskGroup(async (group) => {
        await using _resource = {
          async [Symbol.asyncDispose]() {
            throw disposal;
          },
        };
        group.createTask(failWith(new Error("child")), options);
        await sleepForever();
      });
      const error = (await failing.catch((thrown: unknown) => thrown)) as Error & { suppressed: unknown[] };
      assert.equal(error.message, "child");
      assert.equal(error.suppressed.length, 1);
    });

    test("a failure that the body awaits as well is counted once", async () => {
      const error = new Error("once");
      const failing = taskGroup(async (group) => {
        await group.createTask(failWith(error), options);
      });
      await assert.rejects(failing, (thrown) => thrown === error && !("suppressed" in error));
    });

    test("a child that fails while it creates a sibling cancels that one (cancels_task_if_created_during_creation)", async () => {
      let sibling: Task<unknown> | undefined;
      const failing = taskGroup(async (group) => {
        group.createTask(() => {
          sibling = group.createTask(() => sleepForever(), options);
          throw new Error("after creating");
        }, options);
        await sleepForever();
      });
      await assert.rejects(failing, /after creating/);
      assert.equal(sibling?.cancelled(), true);
    });

    test("has each child's name and number visible inside it (task_name)", async () => {
      await taskGroup((group) => {
        group.createTask(() => assert.equal(currentTask()?.name, "bob"), { ...options, name: "bob" });
      });
    });

    test("nests deeply (recursive_taskgroups)", async () => {
      let leaves = 0;
      const grow = async (depth: number): Promise<void> => {
        if (depth === 0) leaves += 1;
        else
          await taskGroup((group) => {
            for (let i = 0; i < 2; i += 1) group.createTask(() => grow(depth - 1), options);
          });
      };
      await grow(8);
      assert.equal(leaves, 256);
    });
  });
}

describe("a task group", () => {
  test("refuses children after its end, and never calls them (finished, coro_closed_when_tg_closed)", async () => {
    let ended!: TaskGroup;
    await taskGroup((group) => void (ended = group));
    assert.throws(() => ended.createTask(() => assert.fail("never called")), InvalidStateError);
    assert.equal(ended.cancel(), false);
  });

  test("refuses children once it shuts down after a failure (no_create_task_after_failure)", async () => {
    let refused: unknown;
    const failing = taskGroup(async (group) => {
      group.createTask(failWith(new Error("no")));
      try {
        await sleepForever();
      } finally {
        try {
          group.createTask(() => assert.fail("never called"));
        } catch (error) {
          refused = error;
        }
      }
    });
    await assert.rejects(failing, /no/);
    assert.ok(refused instanceof InvalidStateError);
  });

  test("works without a surrounding task or run", async () => {
    assert.equal(currentTask(), undefined);
    assert.equal(await taskGroup(() => "root"), "root");
  });

  test("starts its children in order, one microtask later", async () => {
    const events: string[] = [];
    await taskGroup(async (group) => {
      group.createTask(() => void events.push("a"));
      group.createTask(() => void events.push("b"));
      events.push("body");
      await Promise.resolve();
      events.push("body, a microtask later");
    });
    assert.deepEqual(events, ["body", "a", "b", "body, a microtask later"]);
  });

  test("leaves the surrounding task healthy after a failure was handled (cancellation_does_not_leak_out_of_tg)", async () => {
    await assert.rejects(taskGroup((group) => void group.createTask(failWith(new Error("no")))));
    await checkpoint();
  });

  test("throws a frozen error alone as it is, and with others in an AggregateError whose cause it is", async () => {
    for (const first of [Object.freeze(new Error("frozen")), "a primitive", undefined, withSuppressed()]) {
      const alone = taskGroup((group) => void group.createTask(failWith(first)));
      await assert.rejects(alone, (thrown) => thrown === first || (first === undefined && thrown === undefined));
      const second = new Error("second");
      const both = taskGroup((group) => {
        group.createTask(failWith(first));
        group.createTask(() => sleepForever().catch(() => Promise.reject(second)));
      });
      await assert.rejects(both, (thrown) => {
        assert.ok(thrown instanceof AggregateError);
        assert.deepEqual([thrown.errors.length, thrown.errors[0], thrown.errors[1]], [2, first, second]);
        assert.equal(thrown.cause, first);
        return true;
      });
    }
  });

  function withSuppressed(): Error {
    return new SuppressedError(new Error("error"), new Error("suppressed"), "two at once");
  }

  test("shows suppressed failures when the error is printed", async () => {
    const { inspect } = await import("node:util");
    const failing = taskGroup((group) => {
      group.createTask(failWith(new Error("the first")));
      group.createTask(() => sleepForever().catch(() => Promise.reject(new Error("the second"))));
    });
    const error = await failing.catch((thrown: unknown) => thrown);
    assert.match(inspect(error), /the first[\s\S]*the second/);
  });

  test("refuses what it cannot run", async () => {
    await assert.rejects(taskGroup(5 as never), TypeError);
    await assert.rejects(
      taskGroup((group) => void group.createTask(Promise.resolve() as never)),
      /createTask: expected a function, got a promise/,
    );
    await assert.rejects(
      taskGroup(() => {}, { limit: 0 }),
      RangeError,
    );
  });
});
