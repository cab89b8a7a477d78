import assert from "node:assert/strict";
import { test } from "node:test";
import { NoProxyList } from "../../src/client/connect/no-proxy.ts";
import { readProxy } from "../../src/client/connect/proxy-rules.ts";

test("rules cover names with their sub-domains, single ports, addresses, networks, or everything", () => {
  const list = new NoProxyList("example.com, .internal *.corp.test:8443\t10.0.0.0/8,[::1],fe80::/10,LOCALHOST");
  for (const covered of [
    "http://example.com",
    "https://a.b.example.com:99",
    "http://internal",
    "http://x.internal.",
    "https://x.corp.test:8443",
    "http://10.20.30.40:3000",
    "http://[::1]:80",
    "http://[fe80::7]",
    "http://localhost",
  ]) {
    assert.ok(list.covers(covered), covered);
  }
  for (const other of [
    "http://badexample.com",
    "http://example.com.evil.test",
    "https://x.corp.test",
    "http://11.0.0.1",
    "http://[2001::1]",
  ]) {
    assert.ok(!list.covers(other), other);
  }
  assert.ok(new NoProxyList("*").covers("http://anything.test"));
  assert.ok(!new NoProxyList("").covers("http://anything.test"));
});

test("the environment names a proxy for each scheme, lower case first, and none in a CGI program by HTTP_PROXY", () => {
  const proxyOf = (environment: Record<string, string>, origin: string): string | undefined =>
    readProxy("environment", "test", environment)?.proxyFor(origin)?.peer;
  const both = { http_proxy: "http://lower:1", HTTP_PROXY: "http://upper:2", HTTPS_PROXY: "https://secure" };
  assert.equal(proxyOf(both, "http://x.test"), "lower:1");
  assert.equal(proxyOf(both, "https://x.test"), "secure:443");
  assert.equal(proxyOf({ ALL_PROXY: "all:8080" }, "https://x.test"), "all:8080");
  assert.equal(proxyOf({ HTTP_PROXY: "http://upper:2", REQUEST_METHOD: "GET" }, "http://x.test"), undefined);
  assert.equal(proxyOf({ ...both, no_proxy: "x.test" }, "http://x.test"), undefined);
  assert.equal(proxyOf({}, "http://x.test"), undefined);
});
