import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { sourceOf } from "../../src/sources/source-of.ts";
import { everything, inFolder, listed, tree } from "./tree.ts";

const files = {
  "README.md": "",
  "docs/a.md": "",
  "docs/b.html": "",
  "docs/c.png": "",
  "docs/deep/d.md": "",
  "docs/deep/e.xyz": "",
  "docs/.hidden/f.md": "",
  "packages/one/README.md": "",
  "packages/one/src/README.md": "",
  "packages/two/README.md": "",
  "packages/two/node_modules/p/README.md": "",
} as const;

test("a glob finds the files that match, in the order of a folder", async (t) => {
  const root = await tree(t, files);
  const list = (pattern: string): Promise<string[]> => inFolder(root, () => listed(sourceOf(pattern), root));
  assert.deepEqual(await list("docs/**/*.md"), ["docs/a.md", "docs/deep/d.md"]);
  assert.deepEqual(await list("docs/*.md"), ["docs/a.md"]);
  assert.deepEqual(await list("./docs/*.{md,html}"), ["docs/a.md", "docs/b.html"]);
  assert.deepEqual(await list("packages/*/README.md"), ["packages/one/README.md", "packages/two/README.md"]);
  assert.deepEqual(await list("*.md"), ["README.md"]);
  assert.deepEqual(await list("packages/../docs/[ab].*"), ["docs/a.md", "docs/b.html"]);
  assert.deepEqual(await list("packages/two/node_modules/**/*.md"), ["packages/two/node_modules/p/README.md"]);
  assert.deepEqual(await list(join(root, "docs/**/*.md")), ["docs/a.md", "docs/deep/d.md"]);
  assert.deepEqual(await list("docs/*.rst"), []);
});

test("a glob enters hidden folders and node_modules only where it spells them out", async (t) => {
  const root = await tree(t, files);
  const list = (pattern: string): Promise<string[]> => inFolder(root, () => listed(sourceOf(pattern), root));
  assert.deepEqual(await list("docs/.hidden/*.md"), ["docs/.hidden/f.md"]);
  assert.deepEqual(await list("**/.hidden/*.md"), ["docs/.hidden/f.md"]);
  assert.deepEqual(await list("*/.h*/*.md"), ["docs/.hidden/f.md"]);
  assert.deepEqual(await list("**/node_modules/**/*.md"), ["packages/two/node_modules/p/README.md"]);
  assert.deepEqual(await list("packages/two/**/*.md"), ["packages/two/README.md"]);
});

test("a glob reads unknown formats only if it spells out their extension", async (t) => {
  const root = await tree(t, files);
  const loose = sourceOf(join(root, "docs/deep/*"));
  assert.deepEqual(await listed(loose, root), ["docs/deep/d.md"]);
  assert.equal(loose.skipped, 1);
  const { documents } = await everything(sourceOf(join(root, "docs/deep/*.xyz")));
  assert.equal(documents[0]?.mediaType, "text/plain");
});

test("a glob's documents have the absolute pattern as their origin", async (t) => {
  const root = await tree(t, files);
  const { documents } = await inFolder(root, () => everything(sourceOf("./docs/**/a.md")));
  assert.deepEqual(
    documents.map(({ source, origin }) => ({ source, origin })),
    [{ source: join(root, "docs/a.md"), origin: join(root, "docs/**/a.md") }],
  );
});

test("a glob works below folders whose names look like patterns", async (t) => {
  const root = await tree(t, { "[x]/docs/a.md": "" });
  assert.deepEqual(await inFolder(join(root, "[x]"), () => listed(sourceOf("docs/*.md"), root)), ["[x]/docs/a.md"]);
});

test("a glob in a folder that does not exist is an error that names the folder", async (t) => {
  const root = await tree(t, files);
  await assert.rejects(listed(sourceOf(join(root, "doc/**/*.md")), root), {
    name: "SourceError",
    message: `${join(root, "doc")} does not exist; expected the folder in which the files are that match "${join(root, "doc/**/*.md")}"`,
  });
});
