/**
 * Every public name of `tsyncio` has a doc comment with an example, and all examples compile, those of the pages in
 * `docs/` included. That they run, and print what they say, is a test: `scripts/test/examples.test.ts`.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { exampleModules, missingExamples } from "./examples/all-examples.ts";
import { compileExamples } from "./examples/compile.ts";

const HINT = `

An example is an indented block of a doc comment, or a block of TypeScript on a page. Names of tsyncio are imported for it;
what else it takes as given is in scripts/examples/world.ts. A type may link ({@link …}) to the name that has the example.`;

const folder = await mkdtemp(path.join(tmpdir(), "tsyncio-examples-"));
try {
  const compiled = await compileExamples(exampleModules(), folder);
  const complaints = [...missingExamples(), ...compiled.flatMap(({ complaints }) => complaints)];
  if (complaints.length > 0) {
    console.error(complaints.join("\n") + HINT);
    process.exitCode = 1;
  }
} finally {
  await rm(folder, { recursive: true });
}
