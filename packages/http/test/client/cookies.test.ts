import assert from "node:assert/strict";
import { test } from "node:test";
import { ClientSession, CookieJar, type SavedCookies } from "@tsyncio/http";
import { serveHttp } from "../servers.ts";

/** `/set?COOKIE&…` sets cookies and leads to `/`, which answers with the cookies that came. */
function serveCookies() {
  return serveHttp((request, response) => {
    const url = new URL(String(request.url), "http://x");
    const cookies = url.search === "" ? [] : url.search.slice(1).split("&").map(decodeURIComponent);
    if (cookies.length > 0) response.setHeader("set-cookie", cookies);
    const { cookie = "" } = request.headers;
    if (url.pathname === "/set") response.writeHead(302, { location: "/" }).end();
    else response.end(cookie);
  });
}

test("cookies are kept, survive redirects, and go where they belong", async () => {
  await using server = await serveCookies();
  await using other = await serveCookies();
  await using session = new ClientSession({ baseUrl: server.url });
  assert.equal(await (await session.get("/set?a=1&b=2;%20Path=/deep")).text(), "a=1");
  assert.equal(await (await session.get("/deep/er")).text(), "b=2; a=1");
  assert.equal(await (await session.get("/?a=;%20Max-Age=0")).text(), "a=1");
  assert.equal(await (await session.get("/")).text(), "");
  // A port is no boundary for cookies, a host is.
  await (await session.get("/?c=3")).text();
  assert.equal(await (await session.get(other.url)).text(), "c=3");
  assert.equal(await (await session.get(other.url.replace("127.0.0.1", "localhost"))).text().catch(() => ""), "");
  assert.deepEqual(session.cookies?.get(server.url), { c: "3" });
});

test("cookies of a request go before those of the jar, and are not kept", async () => {
  await using server = await serveCookies();
  await using session = new ClientSession({ baseUrl: server.url });
  await (await session.get("/?a=jar&b=jar")).text();
  assert.equal(await (await session.get("/", { headers: { cookie: "a=own; c=own" } })).text(), "a=own; c=own; b=jar");
  assert.equal(await (await session.get("/")).text(), "a=jar; b=jar");
});

test("a cookie for a public suffix or for somebody else's domain is refused", () => {
  const jar = new CookieJar();
  const set = (cookie: string, url: string) => () => jar.set(cookie, url);
  assert.throws(set("a=1; Domain=co.uk", "https://shop.co.uk/"), /public suffix/);
  assert.throws(set("a=1; Domain=example.com", "https://example.org/"), TypeError);
  assert.throws(set("", "https://example.org/"), TypeError);
  jar.set("a=1; Domain=shop.co.uk; Secure", "https://www.shop.co.uk/");
  assert.deepEqual(jar.get("https://pay.shop.co.uk/"), { a: "1" });
  assert.deepEqual(jar.get("http://pay.shop.co.uk/"), {});
});

test("what a server may not set is ignored, and the answer is not", async () => {
  await using server = await serveCookies();
  await using session = new ClientSession({ baseUrl: server.url });
  const bad = encodeURIComponent("evil=1; Domain=example.com");
  assert.equal(await (await session.get(`/set?${bad}&good=1&;;;`)).text(), "good=1");
});

test("sessions keep their cookies apart, share a jar that both are given, or keep none", async () => {
  await using server = await serveCookies();
  const cookies = new CookieJar();
  await using first = new ClientSession({ baseUrl: server.url, cookies });
  await using second = new ClientSession({ baseUrl: server.url, cookies });
  await using third = new ClientSession({ baseUrl: server.url });
  await using none = new ClientSession({ baseUrl: server.url, cookies: false });
  await (await first.get("/?a=1")).text();
  assert.equal(await (await second.get("/")).text(), "a=1");
  assert.equal(await (await third.get("/")).text(), "");
  await (await none.get("/?a=1")).text();
  assert.equal(await (await none.get("/")).text(), "");
  assert.equal(none.cookies, null);
  assert.throws(() => new ClientSession({ cookies: "a=1" as never }), /expected true, false or a CookieJar, got "a=1"/);
});

test("a jar can be saved and loaded", async () => {
  await using server = await serveCookies();
  await using session = new ClientSession({ baseUrl: server.url });
  await (await session.get("/?a=1;%20HttpOnly")).text();
  const saved = JSON.stringify(session.cookies);
  await using next = new ClientSession({
    baseUrl: server.url,
    cookies: CookieJar.load(JSON.parse(saved) as SavedCookies),
  });
  assert.equal(await (await next.get("/")).text(), "a=1");
  next.cookies?.clear();
  assert.equal(await (await next.get("/")).text(), "");
  assert.throws(() => CookieJar.load([] as never), /expected what save\(\) returned/);
});
