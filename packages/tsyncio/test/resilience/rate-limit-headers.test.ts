import assert from "node:assert/strict";
import { test } from "node:test";
import { type HeaderSource } from "tsyncio/resilience";
import { readRateLimitHeaders } from "../../src/resilience/rate-limit-headers.ts";

const moment = Date.parse("2026-01-01T00:00:00Z");

function read(headers: HeaderSource, names: string[] = ["requests", "tokens"]): Record<string, object> {
  return Object.fromEntries(readRateLimitHeaders(headers, names, moment).quotas);
}

test("headers with the budget's name after the field are read", () => {
  const headers = {
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-reset-requests": "1s",
    "x-ratelimit-remaining-tokens": "149984",
    "x-ratelimit-reset-tokens": "6m0.5s",
  };
  assert.deepEqual(read(headers), {
    requests: { limit: 60, remaining: 59, resetIn: 1_000 },
    tokens: { remaining: 149_984, resetIn: 360_500 },
  });
});

test("headers with the budget's name before the field, and dates, are read", () => {
  const headers = new Headers({
    "anthropic-ratelimit-tokens-limit": "100",
    "anthropic-ratelimit-tokens-remaining": "0",
    "anthropic-ratelimit-tokens-reset": "2026-01-01T00:01:00Z",
  });
  assert.deepEqual(read(headers), { tokens: { limit: 100, remaining: 0, resetIn: 60_000 } });
});

test("headers without a name are those of requests, or of the only budget", () => {
  const headers = {
    "x-ratelimit-limit": "60",
    "x-ratelimit-remaining": "56",
    "x-ratelimit-reset": String(moment / 1_000 + 5),
  };
  const quota = { limit: 60, remaining: 56, resetIn: 5_000 };
  assert.deepEqual(read(headers), { requests: quota });
  assert.deepEqual(read(headers, ["calls"]), { calls: quota });
  assert.deepEqual(read(headers, ["calls", "tokens"]), {});
  assert.deepEqual(read({ "ratelimit-remaining": ["7"], "ratelimit-reset": "30" }), {
    requests: { remaining: 7, resetIn: 30_000 },
  });
});

test("the fields of the standard's draft are read, by the name of the policy", () => {
  const headers = {
    ratelimit: '"requests";r=50;t=30, "tokens";r=900;t=2',
    "ratelimit-policy": '"requests";q=100;w=60,"tokens";q=1000;w=60',
  };
  assert.deepEqual(read(headers), {
    requests: { limit: 100, remaining: 50, resetIn: 30_000 },
    tokens: { limit: 1_000, remaining: 900, resetIn: 2_000 },
  });
  assert.deepEqual(read({ ratelimit: '"default";r=5' }), { requests: { remaining: 5 } });
});

test("what cannot be read is left out", () => {
  const headers = {
    "x-ratelimit-remaining-requests": "many",
    "x-ratelimit-limit-tokens": "-3",
    "x-ratelimit-reset-tokens": "whenever",
    ratelimit: ";;=,,",
  };
  assert.deepEqual(read(headers), {});
  assert.deepEqual(read({}), {});
});

test("Retry-After is read beside the quotas", () => {
  assert.equal(readRateLimitHeaders({ "retry-after": "2" }, ["a"], moment).retryAfter, 2_000);
  assert.equal(readRateLimitHeaders({}, ["a"], moment).retryAfter, undefined);
});
