import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import {
  cancelScope,
  createTask,
  currentTask,
  firstSuccess,
  isCancelled,
  race,
  resource,
  shield,
  sleep,
  sleepForever,
  suspend,
  timeout,
} from "../../src/index.ts";
import { simulate } from "../../src/testing.ts";

describe("race", () => {
  test("is decided by the first to end, with its value or its error", () =>
    simulate(async () => {
      assert.equal(await race([() => sleep(20, "slow"), () => sleep(10, "quick")]), "quick");
      const failing = race([() => sleep(20, "slow"), () => sleep(10).then(() => Promise.reject(new Error("no")))]);
      await assert.rejects(failing, /no/);
    }));

  test("cancels its losers and awaits them; what they throw on the way out is dropped", async () => {
    const events: string[] = [];
    const loser = async (): Promise<never> => {
      try {
        return await sleepForever();
      } finally {
        await shield(() => sleep(1));
        events.push("unwound");
        // oxlint-disable-next-line no-unsafe-finally -- the clean-up that fails is the subject
        throw new Error("dropped");
      }
    };
    assert.equal(await race([loser, () => sleep(0, "winner")]), "winner");
    assert.deepEqual(events, ["unwound"]);
  });

  test("has exactly one winner when two end in one tick [test_staggered: test_multiple_winners]", async () => {
    assert.equal(await race([() => 1, () => 2]), 1);
  });

  test("leaves a borrowed task alone", async () => {
    const task = createTask(() => sleep(1, "task"));
    assert.equal(await race([task, () => "first"]), "first");
    assert.equal(await task, "task");
  });

  test("is decided by a job that cancels itself, with that cancellation", async () => {
    const selfish = async (): Promise<void> => {
      currentTask()?.cancel("I give up");
      await sleep(0);
    };
    await assert.rejects(race([selfish, () => sleepForever()]), (error) => {
      return isCancelled(error) && error.reason === "I give up";
    });
  });

  test("is cancelled with its caller", async () => {
    const task = createTask(() => race([() => sleepForever(), () => sleepForever()]));
    await sleep(0);
    task.cancel("enough");
    await assert.rejects(task.then(), (error) => isCancelled(error) && error.reason === "enough");
  });

  test("refuses an empty list, which nobody could win", async () => {
    await assert.rejects(race([]), TypeError);
    await assert.rejects(firstSuccess([]), TypeError);
  });
});

describe("firstSuccess", () => {
  test("is won by the first value; failures before it do not matter", () =>
    simulate(async () => {
      const jobs = [() => Promise.reject(new Error("no")), () => sleep(20, "slow"), () => sleep(10, "quick")];
      assert.equal(await firstSuccess(jobs), "quick");
    }));

  test("throws all errors, in the order of the input, when all fail [test_staggered: test_none_successful]", () =>
    simulate(async () => {
      const fail = (delay: number, name: string) => async () => {
        await sleep(delay);
        throw new Error(name);
      };
      await assert.rejects(firstSuccess([fail(20, "a"), fail(10, "b")]), (error) => {
        assert.ok(error instanceof AggregateError);
        assert.deepEqual(error.errors.map(String), ["Error: a", "Error: b"]);
        return true;
      });
    }));
});

describe("a connection that won a race", () => {
  let server: Server;
  const accepted = new Set<Socket>();
  let port = 0;

  before(async () => {
    server = createServer((socket) => {
      accepted.add(socket);
      socket.on("close", () => accepted.delete(socket)).pipe(socket);
    }).listen(0, "127.0.0.1");
    await once(server, "listening");
    port = (server.address() as { port: number }).port;
  });
  after(() => server.close());

  const received = (socket: Socket): Promise<string> =>
    suspend<string>("an echo", (wait) => {
      const listener = (data: Buffer): void => void wait.resolve(data.toString());
      socket.once("data", listener);
      return () => socket.off("data", listener);
    });

  const open = (log: string[], name: string): Promise<Socket> =>
    resource(
      async () => {
        const socket = connect(port, "127.0.0.1");
        await once(socket, "connect");
        return socket;
      },
      async (socket) => {
        log.push(`close ${name}`);
        socket.destroy();
        if (!socket.closed) await once(socket, "close");
      },
    );

  test("lives on with its resource and the waits it left behind, until its winner's caller ends", async () => {
    const log: string[] = [];
    await createTask(async () => {
      let listening!: Promise<string>;
      const socket = await race([
        async () => {
          const won = await open(log, "winner");
          listening = received(won);
          return won;
        },
        () => sleepForever(),
      ]);
      assert.equal(log.length, 0);
      socket.write("still alive");
      assert.equal(await listening, "still alive");
      const again = received(socket);
      socket.write("and again");
      assert.equal(await again, "and again");
      log.push("caller ends");
    });
    assert.deepEqual(log, ["caller ends", "close winner"]);
  });

  test("leaves no loser's connection open", async () => {
    const log: string[] = [];
    await createTask(async () => {
      const socket = await race([
        async () => {
          const loser = await open(log, "loser");
          await sleepForever();
          return loser;
        },
        async () => {
          await timeout("20s", async () => {
            while (accepted.size === 0) await new Promise((resolve) => setImmediate(resolve));
          });
          await sleep(5);
          return open(log, "winner");
        },
      ]);
      assert.equal(socket.destroyed, false);
      assert.deepEqual(log, ["close loser"]);
    });
    assert.deepEqual(log, ["close loser", "close winner"]);
  });

  test("has its waits cut when the caller's scope is cancelled later", async () => {
    const log: string[] = [];
    await createTask(async () => {
      let listening!: Promise<string>;
      await cancelScope(async (scope) => {
        await race([
          async () => {
            listening = received(await open(log, "winner"));
          },
        ]);
        await sleep(0);
        scope.cancel("no longer wanted");
        await assert.rejects(listening, (error) => isCancelled(error) && error.reason === "no longer wanted");
      });
    });
    assert.deepEqual(log, ["close winner"]);
  });
});
