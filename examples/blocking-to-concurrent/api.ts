/**
 * A small API on the loopback: `POST /summaries` with a text answers `{ "summary": "…" }` after 50 ms, as a service
 * that has to think does. It counts what is asked of it, and can be told to behave badly, as services do.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";

/** How the service behaves towards the 30th document, or towards too many at once. */
export type Behaviour = "well" | "busy" | "failure" | "hang";

export interface Api extends AsyncDisposable {
  readonly url: string;
  /** Requests that are under way now, the most that were at once, and those that were refused. */
  readonly counts: { running: number; mostAtOnce: number; refused: number };
}

const THINKING_MS = 50;
/** More than these are refused when the service is busy. */
const CAPACITY = 20;

export async function startApi(behaviour: Behaviour): Promise<Api> {
  const counts = { running: 0, mostAtOnce: 0, refused: 0 };
  const server = createServer((request, response) => void handle(request, response));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    counts.running += 1;
    counts.mostAtOnce = Math.max(counts.mostAtOnce, counts.running);
    response.once("close", () => (counts.running -= 1));
    const { status, body } = await answer(request, counts.running > CAPACITY);
    if (status === 503) counts.refused += 1;
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  }

  async function answer(request: IncomingMessage, isFull: boolean): Promise<{ status: number; body: object }> {
    const document = await text(request);
    const isThe30th = document.startsWith("Document 30\n");
    if (behaviour === "busy" && isFull) return { status: 503, body: { error: "too many at once" } };
    if (behaviour === "failure" && isThe30th) return { status: 500, body: { error: "out of order" } };
    if (behaviour === "hang" && isThe30th) return new Promise(() => {});
    await setTimeout(THINKING_MS);
    return { status: 200, body: { summary: document.split("\n").at(-1) } };
  }

  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
