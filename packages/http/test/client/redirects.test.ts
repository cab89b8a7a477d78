import assert from "node:assert/strict";
import { text as readText } from "node:stream/consumers";
import { test } from "node:test";
import { ClientSession, RedirectError, type RequestOptions } from "@tsyncio/http";
import { serveHttp } from "../servers.ts";

interface Seen {
  method: string;
  url: string;
  body: string;
  headers: Record<string, string | undefined>;
}

/** Answers `/STATUS?LOCATION` with that redirect, and everything else with what it has seen. */
function serveRedirects() {
  return serveHttp((request, response) => {
    const { method, url = "", headers } = request;
    void readText(request).then((body) => {
      const match = /^\/(30\d)\?(.*)$/.exec(url);
      if (match === null) response.end(JSON.stringify({ method, url, body, headers }));
      else response.writeHead(Number(match[1]), { location: decodeURIComponent(match[2] ?? "") }).end("moved");
    });
  });
}

test("redirects change method and body as all clients do", async () => {
  await using server = await serveRedirects();
  await using session = new ClientSession({ baseUrl: server.url });
  const follow = async (method: string, status: number): Promise<[string, string]> => {
    const response = await session.request(method, `/${status}?/end`, method === "GET" ? {} : { body: "data" });
    const seen = await response.json<Seen>();
    assert.equal(seen.headers["content-type"], seen.body === "" ? undefined : "text/plain;charset=UTF-8");
    return [seen.method, seen.body];
  };
  for (const status of [301, 302, 303, 307, 308]) assert.deepEqual(await follow("GET", status), ["GET", ""]);
  for (const status of [301, 302, 303]) assert.deepEqual(await follow("POST", status), ["GET", ""]);
  for (const status of [307, 308]) assert.deepEqual(await follow("POST", status), ["POST", "data"]);
  for (const status of [301, 302]) assert.deepEqual(await follow("PUT", status), ["PUT", "data"]);
  assert.deepEqual(await follow("PUT", 303), ["GET", ""]);
  assert.equal(server.accepted, 1);
});

test("the history holds the redirects, and the URL is that of the answer", async () => {
  await using server = await serveRedirects();
  await using session = new ClientSession({ baseUrl: server.url });
  const response = await session.get(`/301?${encodeURIComponent("/302?end")}`);
  assert.equal(response.url, `${server.url}/end`);
  assert.deepEqual(
    response.history.map(({ status, url }) => [status, url]),
    [
      [301, `${server.url}/301?%2F302%3Fend`],
      [302, `${server.url}/302?end`],
    ],
  );
});

test("a loop ends with the URLs that were visited; zero redirects refuses one, false returns it", async () => {
  await using server = await serveRedirects();
  await using session = new ClientSession({ baseUrl: server.url, redirects: 3 });
  await using self = await serveHttp((_, response) => response.writeHead(302, { location: "/again" }).end());
  await assert.rejects(session.get(self.url), (error: RedirectError) => {
    assert.equal(error.name, "RedirectError");
    assert.match(error.message, /more than 3 redirects/);
    assert.equal(error.history.length, 4);
    return true;
  });
  await assert.rejects(session.get("/302?/end", { redirects: 0 }), RedirectError);
  const response = await session.get("/302?/end", { redirects: false });
  assert.equal(response.status, 302);
  assert.equal(await response.text(), "moved");
});

test("credentials are dropped when the origin changes, and not taken up again", async () => {
  await using first = await serveRedirects();
  await using second = await serveRedirects();
  await using session = new ClientSession({ headers: { authorization: "Bearer s3cret", "x-own": "1" } });
  const options: RequestOptions = { headers: { cookie: "a=b" } };
  const read = async (url: string): Promise<Seen["headers"]> =>
    (await (await session.get(url, options)).json<Seen>()).headers;

  const same = await read(`${first.url}/302?/end`);
  assert.equal(same["authorization"], "Bearer s3cret");
  assert.equal(same["cookie"], "a=b");
  const away = await read(`${first.url}/302?${encodeURIComponent(`${second.url}/end`)}`);
  assert.equal(away["authorization"], undefined);
  assert.equal(away["cookie"], undefined);
  assert.equal(away["x-own"], "1");
  assert.equal(away["host"], new URL(second.url).host);
  const back = `${second.url}/302?${encodeURIComponent(`${first.url}/end`)}`;
  const thereAndBack = await read(`${first.url}/302?${encodeURIComponent(back)}`);
  assert.equal(thereAndBack["authorization"], undefined);
  const inUrl = await read(`${first.url.replace("//", "//me:pw@")}/302?${encodeURIComponent(`${second.url}/end`)}`);
  assert.equal(inUrl["authorization"], undefined);
});

test("a caller's own secret headers are dropped like credentials, session's and request's lists together", async () => {
  await using first = await serveRedirects();
  await using second = await serveRedirects();
  await using session = new ClientSession({
    headers: { "x-api-key": "s3cret", "X-Other": "s3cret", "x-plain": "1" },
    redirects: { dropHeaders: ["X-Api-Key"] },
  });
  const url = `${first.url}/307?${encodeURIComponent(`${second.url}/end`)}`;
  const seen = await (await session.get(url, { redirects: { max: 1, dropHeaders: ["x-other"] } })).json<Seen>();
  assert.equal(seen.headers["x-api-key"], undefined);
  assert.equal(seen.headers["x-other"], undefined);
  assert.equal(seen.headers["x-plain"], "1");
  await assert.rejects(session.get(url, { redirects: { max: 0 } }), RedirectError);
  await assert.rejects(session.get(url, { redirects: { limit: 0 } as never }), /unknown option "limit"/);
});

test("what cannot be followed says why", async () => {
  await using server = await serveRedirects();
  await using session = new ClientSession({ baseUrl: server.url });
  await assert.rejects(session.get("/302?ftp://host/"), /leads away from HTTP: ftp:\/\/host\//);
  await assert.rejects(session.get("/302?http://me:s3cret@bad:port/"), (error: Error) => {
    assert.match(error.message, /invalid URL: http:\/\/bad:port\//);
    return true;
  });
  const body = (async function* stream() {
    yield "once";
  })();
  await assert.rejects(session.post("/307?/end", { body }), /a stream can be sent only once/);
});
