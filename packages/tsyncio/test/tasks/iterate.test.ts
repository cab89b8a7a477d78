import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import {
  type AnyIterable,
  cancelScope,
  createTask,
  isCancelled,
  iterate,
  map,
  moveOnAfter,
  shield,
  sleep,
  taskGroup,
  wait,
  yieldNow,
} from "../../src/index.ts";
import { checkLeaks, explore, simulate, waitAllTasksBlocked } from "../../src/testing.ts";

async function collect<T>(source: AnyIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterate(source)) items.push(item);
  return items;
}

async function* numbers(events: string[] = []): AsyncGenerator<number> {
  try {
    for (let number = 0; ; number += 1) {
      await sleep(10);
      yield number;
    }
  } finally {
    await shield(() => sleep(5));
    events.push("closed");
  }
}

const silentWebStream = (events: string[]): ReadableStream<number> =>
  new ReadableStream({ cancel: () => void events.push("cancelled") });

describe("iterate", () => {
  test("yields the items of iterables, of promises in them, of async iterables and of streams", async () => {
    assert.deepEqual(await collect([1, 2]), [1, 2]);
    assert.deepEqual(await collect([Promise.resolve("a"), "b"]), ["a", "b"]);
    assert.deepEqual(await collect(Readable.from(["a", "b"])), ["a", "b"]);
    assert.deepEqual(await collect(new Blob(["ab"]).stream()), [new Uint8Array([97, 98])]);
    assert.deepEqual(await collect(iterate(new Set([1]))), [1]);
  });

  test("throws what the source throws, and has ended then", async () => {
    const failing = iterate(
      (function* () {
        yield 1;
        throw new Error("no more");
      })(),
    );
    assert.deepEqual(await failing.next(), { done: false, value: 1 });
    await assert.rejects(failing.next(), /no more/);
    assert.deepEqual(await failing.next(), { done: true, value: undefined });
  });

  test("does not open the source before the first next()", async () => {
    const events: string[] = [];
    const iterator = iterate(numbers(events));
    await iterator.return();
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
    assert.deepEqual(events, []);
  });

  test("ends a generator at its wait when it is left, and waits for its clean-up (proposal-async-iteration#126)", () =>
    simulate(async () => {
      const events: string[] = [];
      const iterator = iterate(numbers(events));
      assert.equal((await iterator.next()).value, 0);
      const pending = createTask(() => iterator.next());
      await yieldNow();
      await iterator.return();
      events.push("left");
      assert.deepEqual(await pending, { done: true, value: undefined });
      assert.deepEqual(events, ["closed", "left"]);
    }));

  test("does not wait for a generator that awaits something foreign", async () => {
    const iterator = iterate(
      (async function* () {
        await new Promise(() => {});
        yield 1;
      })(),
    );
    const pending = createTask(() => iterator.next());
    await yieldNow();
    await iterator.return();
    assert.deepEqual(await pending, { done: true, value: undefined });
  });

  test("destroys a silent Node stream, and cancels a silent web stream, while a chunk is awaited", async (t) => {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    t.after(() => server.close());
    const socket = connect((server.address() as { port: number }).port, "127.0.0.1");
    await once(socket, "connect");
    const events: string[] = [];
    const web = silentWebStream(events);
    for (const source of [socket, web] as AnyIterable<unknown>[]) {
      const iterator = iterate(source);
      const pending = createTask(() => iterator.next());
      await yieldNow();
      await iterator.return();
      assert.deepEqual(await pending, { done: true, value: undefined });
    }
    assert.ok(socket.closed);
    assert.deepEqual([events, web.locked], [["cancelled"], false]);
  });

  test("leaves the source when a loop over it is cancelled, before the cancellation goes on", async () => {
    const events: string[] = [];
    const stream = new Readable({ read() {} });
    stream.once("close", () => events.push("destroyed"));
    for (const source of [numbers(events), silentWebStream(events), stream]) {
      const reading = createTask(async () => {
        for await (const _ of iterate<unknown>(source));
      });
      await waitAllTasksBlocked();
      reading.cancel();
      await wait([reading]);
      events.push("moved on");
    }
    assert.deepEqual(events, ["closed", "moved on", "cancelled", "moved on", "destroyed", "moved on"]);
  });

  test("is ended by a cancellation of the scope that made it, also for a reader outside", async () => {
    const events: string[] = [];
    let reading = createTask(() => {});
    await cancelScope(async (scope) => {
      const iterator = iterate(silentWebStream(events));
      reading = createTask(() =>
        assert.rejects(iterator.next(), (error) => isCancelled(error) && error.reason === "over"),
      );
      await sleep(1);
      scope.cancel("over");
    });
    await reading;
    assert.deepEqual(events, ["cancelled"]);
  });

  test("loses no item, and ends no source, when only a next() is cancelled", () =>
    simulate(async () => {
      await using iterator = iterate(numbers());
      const seen: unknown[] = [];
      while (seen.length < 4) {
        const answer = await moveOnAfter(7, () => iterator.next());
        if (answer !== undefined) seen.push(answer.value);
      }
      assert.deepEqual(seen, [0, 1, 2, 3]);
    }));

  test("serves several readers in turn: each item goes to one of them, also when some are cancelled", () =>
    explore(
      async () => {
        const iterator = iterate(numbers());
        const seen: unknown[] = [];
        await taskGroup((group) => {
          for (const patience of [3, 9, 11, 30, 45]) {
            group.createTask(async () => {
              for (let i = 0; i < 3; i += 1) {
                const answer = await moveOnAfter(patience, () => iterator.next());
                if (answer !== undefined) seen.push(answer.value);
              }
            });
          }
        });
        assert.deepEqual(
          seen,
          seen.map((_, index) => index),
        );
        await iterator.return();
      },
      { runs: 50 },
    ));

  test("leaves no listener, handle or wait behind", () =>
    checkLeaks(async () => {
      for await (const _ of iterate(Readable.from(["a", "b"]))) break;
      for await (const _ of iterate(numbers())) break;
      await moveOnAfter(1, () => collect(numbers()));
    }));

  test("refuses what cannot be read", () => {
    assert.throws(() => iterate(5 as never), /iterate: expected an iterable, an async iterable or a stream, got 5/);
  });
});

test("map destroys a silent stream when a call fails", async () => {
  const stream = new Readable({ objectMode: true, read() {} });
  stream.push(1);
  const mapping = map(stream as AsyncIterable<number>, async () => {
    await sleep(0);
    throw new Error("no");
  });
  await assert.rejects(mapping, /^Error: no$/);
  assert.ok(stream.destroyed);
});
