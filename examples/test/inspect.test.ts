import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const exec = promisify(execFile);

test("inspect: the tree has each task under the one that awaits it, and the call graph leads back", async () => {
  const path = fileURLToPath(new URL("../inspect.ts", import.meta.url));
  const { stdout } = await exec(process.execPath, ["--conditions=@tsyncio/source", path]);
  assert.equal(
    stdout.replaceAll(/, for [\d.]+ m?s/g, ""),
    [
      "└── (T) main #1",
      "    └── the children of taskGroup",
      "        ├── (T) load #2",
      "        │   └── an event",
      "        ├── (T) save #3",
      "        │   └── queue.get()",
      "        └── (T) Task-4 (running)",
      '* Task(name="load", id=2)',
      "  + Waits for: an event",
      "  + Call stack: not known: debug mode keeps it (TSYNCIO_DEBUG=1, or run(main, { debug: true }))",
      "  + Awaited by:",
      '    * Task(name="main", id=1)',
      "      + Waits for: the children of taskGroup",
      "      + Call stack: not known: debug mode keeps it (TSYNCIO_DEBUG=1, or run(main, { debug: true }))",
      "      + Awaited by:",
      "        * code outside any task, in root",
      "          + Waits for: main",
      "          + Call stack: not known: debug mode keeps it (TSYNCIO_DEBUG=1, or run(main, { debug: true }))",
      "saved a job",
      "",
    ].join("\n"),
  );
});
