import assert from "node:assert/strict";
import { test } from "node:test";
import { sourceMatcher } from "../../../src/store/sqlite/source-filter.ts";

const matching = (pattern: string, sources: readonly string[]): readonly string[] =>
  sources.filter(sourceMatcher(pattern));

test("a pattern without wildcards is a prefix", () => {
  assert.deepEqual(matching("/docs/a", ["/docs/a", "/docs/a.md", "/docs/b", "x/docs/a"]), ["/docs/a", "/docs/a.md"]);
});

test("one star stays in its folder, two cross folders", () => {
  const sources = ["/docs/a.md", "/docs/sub/b.md", "/docs/sub/.hidden.md", "/docs/c.txt"];
  assert.deepEqual(matching("/docs/*.md", sources), ["/docs/a.md"]);
  assert.deepEqual(matching("/docs/**/*.md", sources), ["/docs/a.md", "/docs/sub/b.md", "/docs/sub/.hidden.md"]);
});

test("URLs can be filtered too", () => {
  const sources = ["https://a.example/x/y.html", "https://b.example/x/y.html"];
  assert.deepEqual(matching("https://a.example/**", sources), ["https://a.example/x/y.html"]);
  assert.deepEqual(matching("https://*.example/x/*.html", sources), sources);
});

test("brackets in a path can be written as they are", () => {
  assert.deepEqual(matching("/app/[id]/", ["/app/[id]/page.md", "/app/i/page.md"]), ["/app/[id]/page.md"]);
});
