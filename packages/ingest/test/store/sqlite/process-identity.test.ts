import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { lifeOf, ownIdentity } from "../../../src/store/sqlite/process-identity.ts";

test("a process that runs is alive, and one that has ended is dead", async () => {
  const self = ownIdentity();
  assert.equal(lifeOf(self), "alive");
  const child = spawn(process.execPath, ["--version"]);
  await once(child, "exit");
  assert.equal(lifeOf({ ...self, pid: child.pid ?? 0 }), "dead");
});

test("a pid that was given to another process, or counted from another start of the machine, is dead", () => {
  const self = { ...ownIdentity(), boot: "this start", started: "1234" };
  assert.equal(lifeOf({ ...self, started: "1000" }, self), "dead");
  assert.equal(lifeOf({ ...self, boot: "an earlier start" }, self), "dead");
});

test("a process in another container or on another machine cannot be looked at", () => {
  const self = { ...ownIdentity(), boot: "this start", namespace: "pid:[1]" };
  assert.equal(lifeOf({ ...self, namespace: "pid:[2]", host: "container" }, self), "unknown");
  assert.equal(lifeOf({ ...self, boot: "other", host: "elsewhere" }, self), "unknown");
  assert.equal(lifeOf({ ...self, boot: "", host: "elsewhere" }, { ...self, boot: "" }), "unknown");
});

test("without the system's own numbers, a process is asked by a signal", () => {
  const self = { ...ownIdentity(), boot: "", namespace: "", started: "" };
  assert.equal(lifeOf(self, self), "alive");
  assert.equal(lifeOf({ ...self, pid: 2 ** 30 }, self), "dead");
});
