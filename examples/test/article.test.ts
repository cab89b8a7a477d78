import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const execute = promisify(execFile);

/** Runs an example as its readers do. */
function runExample(name: string, ...args: string[]): Promise<{ stdout: string; stderr: string }> {
  const file = fileURLToPath(new URL(`../${name}`, import.meta.url));
  return execute(process.execPath, ["--conditions=@tsyncio/source", file, ...args], { timeout: 30_000 });
}

async function serve(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

test("the coroutine prints, sleeps and prints", async () => {
  const { stdout, stderr } = await runExample("coroutine.ts");
  assert.equal(stdout, "Coroutine started\nCoroutine finished\n");
  assert.equal(stderr, "");
});

test("the concurrent requests are under way together, and print the first fifty characters of each in order", async () => {
  const held: (() => void)[] = [];
  // Nobody is answered before all three have asked.
  const hold = (text: string): RequestListener => {
    return (_, response) => {
      held.push(() => response.end(text));
      if (held.length === 3) for (const answer of held.toReversed()) answer();
    };
  };
  await using first = await serve(hold(`first ${"a".repeat(60)}`));
  await using second = await serve(hold(`second ${"b".repeat(60)}`));
  await using third = await serve(hold("third"));
  const { stdout, stderr } = await runExample("concurrent-requests.ts", first.url, second.url, third.url);
  const expected = [
    `Content from ${first.url}: first ${"a".repeat(44)}...`,
    `Content from ${second.url}: second ${"b".repeat(43)}...`,
    `Content from ${third.url}: third...`,
  ];
  assert.equal(stdout, `${expected.join("\n")}\n`);
  assert.equal(stderr, "");
});

test("when one of three URLs fails, the sockets of the other two are closed at their servers", async () => {
  const asked: Promise<void>[] = [];
  const closed: Promise<void>[] = [];
  const silent = (): RequestListener => {
    const arrival = Promise.withResolvers<void>();
    const departure = Promise.withResolvers<void>();
    asked.push(arrival.promise);
    closed.push(departure.promise);
    return (request) => {
      request.socket.once("close", () => departure.resolve());
      arrival.resolve();
    };
  };
  await using first = await serve(silent());
  await using third = await serve(silent());
  await using failing = await serve((request) => {
    void Promise.all(asked).then(() => request.socket.destroy());
  });
  const failure = await runExample("concurrent-requests.ts", first.url, failing.url, third.url).then(
    () => assert.fail("the program succeeded"),
    (error: unknown) => error as { code: number; stdout: string; stderr: string },
  );
  await Promise.all(closed);
  assert.equal(failure.code, 1);
  assert.equal(failure.stdout, "");
  assert.match(failure.stderr, new RegExp(`ConnectionError: GET ${failing.url}`));
});
