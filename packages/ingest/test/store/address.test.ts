import assert from "node:assert/strict";
import { resolve } from "node:path";
import { test } from "node:test";
import { parseStoreAddress, redact } from "../../src/store/address.ts";

test("an address is a plain path, or a path after sqlite:", () => {
  assert.deepEqual(parseStoreAddress("a/index.db"), {
    path: resolve("a/index.db"),
    display: `sqlite:${resolve("a/index.db")}`,
  });
  assert.equal(parseStoreAddress("sqlite:./a/index.db").path, resolve("a/index.db"));
  assert.equal(parseStoreAddress("sqlite:/srv/index.db").path, "/srv/index.db");
  assert.equal(parseStoreAddress("sqlite:///srv/index.db").path, "/srv/index.db");
  assert.equal(parseStoreAddress("file:///srv/an%20index.db").path, "/srv/an index.db");
  assert.deepEqual(parseStoreAddress("sqlite::memory:"), { path: ":memory:", display: "sqlite::memory:" });
});

test("an address that names no store says what was expected", () => {
  for (const address of [
    "",
    "  ",
    "sqlite:",
    "sqlite://host/index.db",
    "mysql://host/db",
    "https://host/db",
    "a\0b",
    "file://host/x",
  ]) {
    assert.throws(
      () => parseStoreAddress(address),
      { name: "StoreError", code: "address", message: /Expected sqlite:PATH/u },
      address,
    );
  }
  assert.throws(() => parseStoreAddress(undefined as unknown as string), { code: "address" });
});

test("a Postgres address is refused as not in this version, without its password", () => {
  for (const address of [
    "postgres://me:hunter2@db.example/docs",
    "postgresql://db.example/docs?user=me&password=hunter2",
  ]) {
    assert.throws(
      () => parseStoreAddress(address),
      (error: Error & { code?: string }) =>
        error.code === "unsupported" && error.message.includes("db.example/docs") && !error.message.includes("hunter2"),
    );
  }
});

test("a password is hidden wherever an address may carry it", () => {
  assert.equal(redact("postgres://me:p@ss:word@host/db"), "postgres://me:***@host/db");
  assert.equal(redact("mysql://me@host/db?password=x&ssl=1"), "mysql://me@host/db?password=***&ssl=1");
  assert.equal(redact("sqlite:./a.db"), "sqlite:./a.db");
});
