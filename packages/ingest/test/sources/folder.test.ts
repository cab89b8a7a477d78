import assert from "node:assert/strict";
import { mkdir, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { SourceError } from "../../src/sources/source-error.ts";
import { sourceOf } from "../../src/sources/source-of.ts";
import { everything, inFolder, listed, tree } from "./tree.ts";

test("a folder is read with all that is below it, sorted by name in each folder", async (t) => {
  const root = await tree(t, {
    "b.md": "",
    "a/z.html": "",
    "a/B.md": "",
    "a/a/deep.txt": "",
    "a.md": "",
    "Z.md": "",
    "ä.md": "",
    "empty/": "",
  });
  assert.deepEqual(await listed(sourceOf(root), root), [
    "Z.md",
    "a/B.md",
    "a/a/deep.txt",
    "a/z.html",
    "a.md",
    "b.md",
    "ä.md",
  ]);
});

test("a folder's documents have the folder as their origin", async (t) => {
  const root = await tree(t, { "docs/a.md": "a" });
  const { documents } = await inFolder(root, () => everything(sourceOf("docs/")));
  assert.equal(documents[0]?.origin, join(root, "docs"));
});

test("unknown formats, hidden files and node_modules are passed over, and the unknown ones are counted", async (t) => {
  const root = await tree(t, {
    "a.md": "",
    "image.png": "",
    "data.json": "",
    ".hidden.md": "",
    ".git/a.md": "",
    "node_modules/p/README.md": "",
    "b/node_modules/p/README.md": "",
    "b/.github/c.md": "",
  });
  const source = sourceOf(root);
  assert.deepEqual(await listed(source, root), ["a.md"]);
  assert.equal(source.skipped, 2);
  assert.deepEqual(await listed(sourceOf(join(root, "node_modules")), root), ["node_modules/p/README.md"]);
  assert.deepEqual(await listed(sourceOf(join(root, "b/.github")), root), ["b/.github/c.md"]);
});

test("links to files are read, links to folders only if they were named, so that no circle is walked", async (t) => {
  const root = await tree(t, { "real/a.md": "", "docs/b.md": "" });
  await symlink("..", join(root, "docs/up.md"));
  await symlink("../real", join(root, "docs/real"));
  await symlink("../real/a.md", join(root, "docs/a.md"));
  assert.deepEqual(await listed(sourceOf(join(root, "docs")), root), ["docs/a.md", "docs/b.md"]);
  assert.deepEqual(await listed(sourceOf(join(root, "docs/real")), root), ["docs/real/a.md"]);
});

test("a folder is looked into only when the walk gets there", async (t) => {
  const root = await tree(t, { "a/1.md": "", "b/2.md": "" });
  const entries = sourceOf(root).entries();
  assert.equal((await entries.next()).value?.source, join(root, "a/1.md"));
  await rm(join(root, "b"), { recursive: true });
  const { value: entry } = await entries.next();
  assert.deepEqual(await entry?.read(), {
    source: join(root, "b"),
    stage: "get",
    reason: "this folder could not be read: it does not exist, or is a link to something that does not (ENOENT)",
  });
  assert.equal((await entries.next()).done, true);
});

test("a large folder leaves the host's loop its turns while its files are listed", async (t) => {
  const root = await tree(t, Object.fromEntries(Array.from({ length: 600 }, (_, index) => [`${index}.md`, ""])));
  const entries = sourceOf(root).entries();
  await entries.next();
  const turned = new AbortController();
  setImmediate(() => turned.abort());
  let atOnce = 1;
  for await (const _ of entries) if (!turned.signal.aborted) atOnce += 1;
  assert.ok(atOnce < 600, `${atOnce} files without a turn`);
});

test("what is excluded is left out, with all that is below it", async (t) => {
  const root = await tree(t, {
    "a.md": "",
    "CHANGELOG.md": "",
    "b/CHANGELOG-1.md": "",
    "b/test/c.md": "",
    "b/keep/test.md": "",
    "old/d/e.md": "",
  });
  const list = (...exclude: string[]): Promise<string[]> =>
    inFolder(root, () => listed(sourceOf(".", { exclude }), root));
  assert.deepEqual(await list("CHANGELOG*", "test", "old"), ["a.md", "b/keep/test.md"]);
  assert.deepEqual(await list("**/test/**", "./old/**", join(root, "b/keep/*.md")), [
    "CHANGELOG.md",
    "a.md",
    "b/CHANGELOG-1.md",
  ]);
});

test("a folder that cannot be looked into when its turn comes ends the source with an error that names it", async (t) => {
  const root = await tree(t, { "docs/a.md": "" });
  const source = sourceOf(join(root, "docs"));
  await rm(join(root, "docs"), { recursive: true });
  await assert.rejects(listed(source, root), SourceError);
});

test("whatever the tree, each document is found once, and twice in the same order", async (t) => {
  const name = fc.constantFrom("a", "b", "C", "é", "1");
  const path = fc
    .tuple(fc.array(name, { maxLength: 3 }), name)
    .map(([folders, file]) => [...folders, `${file}.md`].join("/"));
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(path, { maxLength: 12 }), async (paths) => {
      const root = await tree(t, Object.fromEntries(paths.map((path) => [path, path])));
      await mkdir(root, { recursive: true });
      const first = await listed(sourceOf(root), root);
      assert.deepEqual(first.toSorted(), paths.toSorted());
      assert.deepEqual(await listed(sourceOf(join(root, "**/*.md")), root), first);
    }),
    { numRuns: 25 },
  );
});
