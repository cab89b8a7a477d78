import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { coroutine, createTask, gather, InvalidStateError, race, sleep, taskGroup, waitFor } from "../../src/index.ts";

describe("a coroutine", () => {
  const calls: string[] = [];
  const greet = coroutine(async (name: string) => {
    calls.push(name);
    await sleep(0);
    return `hello ${name}`;
  });

  test("is lazy: nothing runs until it is awaited", async () => {
    calls.length = 0;
    const call = greet("lazy");
    await sleep(0);
    assert.deepEqual(calls, []);
    assert.equal(await call, "hello lazy");
    assert.deepEqual(calls, ["lazy"]);
  });

  test("can be handed to whoever runs it", async () => {
    assert.equal(await createTask(greet("task")), "hello task");
    assert.equal(createTask(greet("named")).name, "anonymous");
    assert.deepEqual(await gather([greet("a"), greet("b")]), ["hello a", "hello b"]);
    assert.equal(await race([greet("racer")]), "hello racer");
    assert.equal(await waitFor(greet("waited"), "1s"), "hello waited");
    await taskGroup(async (group) => assert.equal(await group.createTask(greet("child")), "hello child"));
  });

  test("names its task after its function", async () => {
    const fetchUrl = coroutine(async function fetchUrl(url: string) {
      return url;
    });
    assert.equal(createTask(fetchUrl("x")).name, "fetchUrl");
  });

  test("runs once: awaiting it twice is an error", async () => {
    const call = greet("once");
    await call;
    await assert.rejects(call.then(), InvalidStateError);
    await assert.rejects(gather([call]), /has been awaited already: call anonymous again/);
  });

  test("offers then, catch and finally as a promise does", async () => {
    let finished = false;
    const fail = coroutine(() => {
      throw new Error("no");
    });
    assert.equal(await fail().catch((error) => (error as Error).message), "no");
    await assert.rejects(
      fail().finally(() => (finished = true)),
      /no/,
    );
    assert.equal(finished, true);
  });

  test("can only be made of a function", () => {
    assert.throws(() => coroutine(5 as never), /coroutine: expected a function, got 5/);
  });
});
