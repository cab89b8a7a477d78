import assert from "node:assert/strict";
import { test } from "node:test";
import { GroupCommit } from "../../../src/store/sqlite/group-commit.ts";

interface Commit {
  readonly items: readonly number[];
  readonly settle: PromiseWithResolvers<readonly string[]>;
}

function recorded(): { readonly commits: Commit[]; readonly group: GroupCommit<number, string> } {
  const commits: Commit[] = [];
  const commit = (items: readonly number[]): Promise<readonly string[]> => {
    const settle = Promise.withResolvers<readonly string[]>();
    commits.push({ items, settle });
    return settle.promise;
  };
  return { commits, group: new GroupCommit({ commit, maxItems: 3, maxDelay: 25 }) };
}

test("a group is committed when it is full, without waiting for the delay", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { commits, group } = recorded();
  for (const item of [1, 2, 3, 4]) void group.add(item);
  assert.deepEqual(
    commits.map(({ items }) => items),
    [[1, 2, 3]],
  );
});

test("a group is committed when its first item has waited for the delay", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { commits, group } = recorded();
  void group.add(1);
  context.mock.timers.tick(24);
  void group.add(2);
  assert.equal(commits.length, 0);
  context.mock.timers.tick(1);
  assert.deepEqual(
    commits.map(({ items }) => items),
    [[1, 2]],
  );
  context.mock.timers.tick(100);
  assert.equal(commits.length, 1);
});

test("the delay of a group that was committed because it was full does not cut the next one short", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { commits, group } = recorded();
  const full = [1, 2, 3].map((item) => group.add(item));
  commits[0]?.settle.resolve(["one", "two", "three"]);
  await Promise.all(full);
  context.mock.timers.tick(20);
  void group.add(4);
  context.mock.timers.tick(24);
  assert.equal(commits.length, 1);
  context.mock.timers.tick(1);
  assert.deepEqual(commits.at(-1)?.items, [4]);
});

test("a group whose delay is over while a commit is under way goes on gathering, and is committed right after it", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { commits, group } = recorded();
  const first = group.add(1);
  context.mock.timers.tick(25);
  void group.add(2);
  context.mock.timers.tick(100);
  void group.add(3);
  assert.equal(commits.length, 1);
  commits[0]?.settle.resolve(["one"]);
  await first;
  await Promise.resolve();
  assert.deepEqual(
    commits.map(({ items }) => items),
    [[1], [2, 3]],
  );
});

test("a group that is full is sent also while a commit is under way, so that the thread finds it at once", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { commits, group } = recorded();
  for (const item of [1, 2, 3]) void group.add(item);
  void group.add(4);
  context.mock.timers.tick(25);
  for (const item of [5, 6]) void group.add(item);
  assert.deepEqual(
    commits.map(({ items }) => items),
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  );
});

test("when a commit fails, the group that is due is committed all the same", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { commits, group } = recorded();
  const lost = group.add(1);
  context.mock.timers.tick(25);
  const kept = group.add(2);
  context.mock.timers.tick(25);
  commits[0]?.settle.reject(new Error("the thread ended"));
  await assert.rejects(lost, /the thread ended/u);
  await Promise.resolve();
  commits[1]?.settle.resolve(["kept"]);
  assert.equal(await kept, "kept");
});

test("each caller is told its own outcome, and only after the commit", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { commits, group } = recorded();
  const told: string[] = [];
  const callers = [1, 2].map((item) => group.add(item).then((outcome) => told.push(outcome)));
  group.flush();
  await Promise.resolve();
  assert.deepEqual(told, []);
  commits[0]?.settle.resolve(["one", "two"]);
  await Promise.all(callers);
  assert.deepEqual(told, ["one", "two"]);
});

test("a commit that fails as a whole rejects its callers and no others", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { commits, group } = recorded();
  const [lost, kept] = [group.add(1), (group.flush(), group.add(2))];
  group.flush();
  commits[0]?.settle.reject(new Error("the thread ended"));
  commits[1]?.settle.resolve(["kept"]);
  await assert.rejects(lost, /the thread ended/u);
  assert.equal(await kept, "kept");
});

test("a commit that answers too few outcomes is an error, not a caller that waits for ever", async (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  const { commits, group } = recorded();
  const waiting = group.add(1);
  group.flush();
  commits[0]?.settle.resolve([]);
  await assert.rejects(waiting, /1 items answered 0 outcomes/u);
});
