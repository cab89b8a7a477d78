import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { appendFile, mkdir, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { cancelScope, isCancelled } from "tsyncio";
import { SourceError } from "../../src/sources/source-error.ts";
import { sourceOf } from "../../src/sources/source-of.ts";
import { everything, inFolder, tree } from "./tree.ts";

test("a named file is read whole, with its hash, media type, absolute path and origin", async (t) => {
  const root = await tree(t, { "docs/a.md": "# Title\n" });
  const { documents } = await inFolder(root, () => everything(sourceOf("./docs/../docs/a.md")));
  const path = join(root, "docs/a.md");
  assert.deepEqual(documents, [
    {
      source: path,
      origin: path,
      mediaType: "text/markdown",
      bytes: new Uint8Array(Buffer.from("# Title\n")),
      hash: createHash("sha256").update("# Title\n").digest("hex"),
    },
  ]);
});

test("a document's bytes own their buffer, so that it can be handed to another thread", async (t) => {
  const root = await tree(t, { "a.md": "small" });
  const { documents } = await everything(sourceOf(join(root, "a.md")));
  assert.equal(documents[0]?.bytes.buffer.byteLength, 5);
});

test("a file of several megabytes has the hash of its content", async (t) => {
  const content = new Uint8Array(2_500_001).map((_, index) => index % 251);
  const root = await tree(t, { "large.txt": content });
  const { documents } = await everything(sourceOf(join(root, "large.txt")));
  assert.equal(documents[0]?.hash, createHash("sha256").update(content).digest("hex"));
  assert.deepEqual(documents[0]?.bytes, content);
});

test("an empty file is an empty document", async (t) => {
  const root = await tree(t, { "empty.md": "" });
  const { documents } = await everything(sourceOf(join(root, "empty.md")));
  assert.equal(documents[0]?.bytes.byteLength, 0);
});

test("a named file of an unknown format is tried as plain text, and a hidden one is read", async (t) => {
  const root = await tree(t, { "notes.xyz": "a", Makefile: "b", ".hidden.md": "c" });
  for (const [name, mediaType] of [
    ["notes.xyz", "text/plain"],
    ["Makefile", "text/plain"],
    [".hidden.md", "text/markdown"],
  ] as const) {
    const { documents } = await everything(sourceOf(join(root, name)));
    assert.equal(documents[0]?.mediaType, mediaType);
  }
});

test("names with line breaks, emoji, spaces and wildcards are names like others", async (t) => {
  for (const name of ["line\nbreak.md", "📚 books.md", "a[1].md", "what?.md", "-n.md", "{a,b}.md"]) {
    const root = await tree(t, { [name]: "text" });
    const { documents } = await inFolder(root, () => everything(sourceOf(name)));
    assert.deepEqual(
      documents.map(({ source, origin }) => ({ source, origin })),
      [{ source: join(root, name), origin: join(root, name) }],
    );
  }
});

test("a file: URL means the file", async (t) => {
  const root = await tree(t, { "with space.md": "text" });
  const path = join(root, "with space.md");
  assert.deepEqual((await everything(sourceOf(pathToFileURL(path).href))).documents[0]?.source, path);
});

test("a link is read under its own path", async (t) => {
  const root = await tree(t, { "real.md": "text" });
  await symlink("real.md", join(root, "link.md"));
  const { documents } = await everything(sourceOf(join(root, "link.md")));
  assert.equal(documents[0]?.source, join(root, "link.md"));
});

test("a missing path is an error that names it and says what was expected", async (t) => {
  const root = await tree(t, {});
  const source = sourceOf(join(root, "missing.md"));
  await assert.rejects(everything(source), (error) => {
    assert.ok(error instanceof SourceError);
    assert.equal(
      error.message,
      `${join(root, "missing.md")} does not exist; expected a file, a folder or a glob such as "docs/**/*.md"`,
    );
    return true;
  });
});

test("an empty argument and an address on the network are errors that say what to do", () => {
  assert.throws(() => sourceOf(" "), /an empty source; expected a file, a folder or a glob/);
  assert.throws(
    () => sourceOf("https://example.com/a.md"),
    /https:\/\/ addresses are not read in this version; download/,
  );
  assert.throws(() => sourceOf("s3://bucket/a.md"), SourceError);
});

test("what is no readable file is refused with the reason in words, and nothing hangs", async (t) => {
  const root = await tree(t, { "folder.md/": "", "plain.md": "" });
  await symlink("circle.md", join(root, "circle.md"));
  await symlink("nowhere.md", join(root, "broken.md"));
  execFileSync("/usr/bin/env", ["mkfifo", join(root, "pipe.md")]);
  const server = createServer().listen(join(root, "socket.md"));
  await once(server, "listening");
  t.after(() => server.close());
  const { documents, refusals } = await everything(sourceOf(root));
  assert.deepEqual(
    documents.map(({ source }) => source),
    [join(root, "plain.md")],
  );
  assert.deepEqual(refusals, [
    {
      source: join(root, "broken.md"),
      stage: "get",
      reason: "it does not exist, or is a link to something that does not (ENOENT)",
    },
    { source: join(root, "circle.md"), stage: "get", reason: "it is a link that leads round in a circle (ELOOP)" },
    { source: join(root, "pipe.md"), stage: "get", reason: "it is a pipe, not a file" },
    { source: join(root, "socket.md"), stage: "get", reason: "it is a socket or a pipe, not a file (ENXIO)" },
  ]);
  const named = await everything(sourceOf(join(root, "circle.md")));
  assert.match(named.refusals[0]?.reason ?? "", /ELOOP/);
  const device = await everything(sourceOf("/dev/zero"));
  assert.equal(device.refusals[0]?.reason, "it is a device, not a file");
});

test("a file that vanishes, or becomes a folder, after it was found is refused", async (t) => {
  const root = await tree(t, { "a.md": "a", "b.md": "b", "c.md": "c" });
  const reasons: (string | undefined)[] = [];
  for await (const entry of sourceOf(root).entries()) {
    if (entry.source.endsWith("a.md")) await rm(entry.source);
    if (entry.source.endsWith("b.md")) {
      await rm(entry.source);
      await mkdir(entry.source);
    }
    const read = await entry.read();
    reasons.push("reason" in read ? read.reason : undefined);
  }
  assert.match(reasons[0] ?? "", /does not exist.*ENOENT/);
  assert.equal(reasons[1], "it is a folder, not a file");
  assert.equal(reasons[2], undefined);
});

test("a file that is changed between being found and being read is read as it is by then", async (t) => {
  const root = await tree(t, { "a.md": "before" });
  for await (const entry of sourceOf(root).entries()) {
    await writeFile(entry.source, "afterwards");
    const read = await entry.read();
    assert.equal("bytes" in read && Buffer.from(read.bytes).toString(), "afterwards");
  }
});

test("a file that is written to while it is read is refused", async (t) => {
  const root = await tree(t, { "a.txt": "" });
  const path = join(root, "a.txt");
  // Sparse: reading it takes many pieces, and much is written meanwhile.
  await truncate(path, 64 * 1024 * 1024);
  for await (const entry of sourceOf(path).entries()) {
    const over = new AbortController();
    const read = entry.read().finally(() => over.abort());
    while (!over.signal.aborted) await appendFile(path, "more");
    assert.deepEqual(await read, {
      source: path,
      stage: "get",
      reason: "it changed while it was read; ingest it again when nobody writes to it",
    });
  }
});

test("a file larger than the limit is refused unread", async (t) => {
  const root = await tree(t, { "a.txt": "" });
  const path = join(root, "a.txt");
  await truncate(path, 3 * 1024 ** 4);
  const { refusals } = await everything(sourceOf(path));
  assert.equal(
    refusals[0]?.reason,
    "it is 3298534.9 MB large, more than the limit of 536.9 MB a document; --max-size, or limits.documentBytes, allows more",
  );
  await truncate(path, 11);
  assert.equal((await everything(sourceOf(path, { maxBytes: 11 }))).documents.length, 1);
  const { refusals: small } = await everything(sourceOf(path, { maxBytes: 10 }));
  assert.equal(
    small[0]?.reason,
    "it is 11 bytes large, more than the limit of 10 bytes a document; --max-size, or limits.documentBytes, allows more",
  );
  assert.throws(() => sourceOf(path, { maxBytes: Number.NaN }), RangeError);
});

test("a cancelled scope neither looks nor reads", async (t) => {
  const root = await tree(t, { "a.md": "a" });
  for await (const entry of sourceOf(root).entries()) {
    await cancelScope(async (scope) => {
      scope.cancel();
      await assert.rejects(entry.read(), isCancelled);
      await assert.rejects(everything(sourceOf(root)), isCancelled);
    });
  }
});
