import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientSession } from "@tsyncio/http";
import { gather, map } from "tsyncio";
import { serveHttp, signal } from "../servers.ts";

const soon = (act: () => void): void => void setImmediate(act);

test("ten thousand requests against a limit of one hundred use one hundred sockets, and all succeed", async () => {
  let open = 0;
  let most = 0;
  await using server = await serveHttp((request, response) => {
    open += 1;
    most = Math.max(most, open);
    soon(() => {
      open -= 1;
      response.end(request.url);
    });
  });
  await using session = new ClientSession({ baseUrl: server.url });
  const paths = Array.from({ length: 10_000 }, (_, index) => `/${index}`);
  const answers = await gather(paths.map((path) => async () => (await session.get(path)).text()));
  assert.deepEqual(answers, paths);
  assert.equal(server.accepted, 100);
  assert.ok(most <= 100, `${most} requests at once`);
});

test("the limits hold for each host and in all, idle sockets included", async () => {
  const servers = await Promise.all([1, 2, 3].map(() => serveHttp((_, response) => soon(() => response.end("x")))));
  {
    await using session = new ClientSession({ limit: 4, limitPerHost: 2 });
    const urls = Array.from({ length: 300 }, (_, index) => servers[index % 3]?.url as string);
    let most = 0;
    await map(
      urls,
      async (url) => {
        await (await session.get(url)).text();
        const { busy, idle } = session.statistics();
        most = Math.max(most, busy + idle);
      },
      { limit: 60 },
    );
    assert.ok(most <= 4, `${most} connections`);
    for (const server of servers) assert.ok(server.peak <= 3, `${server.peak} sockets at one host`);
  }
  for (const server of servers) await server[Symbol.asyncDispose]();
});

test("a host that does not answer does not hold up the others beyond its own limit", async () => {
  const release = signal();
  await using slow = await serveHttp((_, response) => void release.promise.then(() => response.end("slow")));
  await using quick = await serveHttp((_, response) => response.end("quick"));
  await using session = new ClientSession({ limit: 3, limitPerHost: 2 });
  const waiting = Array.from({ length: 10 }, async () => (await session.get(slow.url)).text());
  await slow.acceptedAtLeast(2);
  for (let i = 0; i < 5; i += 1) assert.equal(await (await session.get(quick.url)).text(), "quick");
  assert.equal(slow.accepted, 2);
  release.give();
  assert.deepEqual(new Set(await Promise.all(waiting)), new Set(["slow"]));
});
