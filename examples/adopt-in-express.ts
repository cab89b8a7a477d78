/**
 * tsyncio in a program that already exists: no `run`, no other server, one handler at a time.
 *
 *     GET /titles?url=…&url=…   the titles of some pages: two at a time, three seconds for all of them
 *
 * When the time is up, the requests that are still under way are stopped, and their sockets closed.
 */
import type { AddressInfo } from "node:net";
import express from "express";
import { map, timeout, TimeoutError, withSignal } from "tsyncio";

async function titleOf(url: string): Promise<string> {
  const page = await withSignal(async (signal) => (await fetch(url, { signal })).text());
  return /<title[^>]*>([^<]*)/i.exec(page)?.[1]?.trim() ?? url;
}

const app = express();

// oxlint-disable-next-line oxc/no-async-endpoint-handlers -- Express 5 awaits handlers and forwards their errors
app.get("/titles", async (request, response) => {
  const urls = [request.query["url"] ?? []].flat().map(String);
  const patience = Number(process.env["PATIENCE_MS"] ?? 3_000);
  try {
    const titles = await timeout(patience, () => map(urls, titleOf, { limit: 2 }));
    response.json({ titles });
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    response.status(504).json({ error: `not all pages came within ${patience} ms` });
  }
});

const server = app.listen(Number(process.env["PORT"] ?? 3_000), () => {
  console.log(`listening on http://localhost:${(server.address() as AddressInfo).port}`);
});
