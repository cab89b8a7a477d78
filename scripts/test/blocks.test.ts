import assert from "node:assert/strict";
import { test } from "node:test";
import { fencedBlocks, indentedBlocks } from "../examples/blocks.ts";
import { promisedOutput } from "../examples/example.ts";
import { exampleModule } from "../examples/example-module.ts";

test("the indented blocks of a comment are its code, with the empty lines inside", () => {
  const comment = ["*", " * Prose.", " *", " *     const a = 1;", " *", " *       indented();", " *", " * More.", " "];
  assert.deepEqual(indentedBlocks(comment.join("\n")), [{ code: "const a = 1;\n\n  indented();", line: 3 }]);
});

test("a drawing is no code, and neither are indented lines that continue a paragraph", () => {
  const comment = ["*", " * @throws Error", " *     when it rains", " *", " *     open ──▶ closed", " "];
  assert.deepEqual(indentedBlocks(comment.join("\n")), []);
});

test("the blocks of TypeScript on a page are examples, those that are a file are not", () => {
  const page =
    "# Page\n\n```ts\nconst a = 1;\n```\n\n<!-- file: a.ts -->\n```ts\nconst b = 2;\n```\n\n```\nplain\n```\n";
  assert.deepEqual(fencedBlocks(page), [{ code: "const a = 1;", line: 3 }]);
});

test("an example promises what stands beside console.log", () => {
  const code = ["console.log(1 + 1); // 2", "console.error(3); // 3", "  console.log(4);", "f(); // 5"];
  assert.deepEqual(promisedOutput(code.join("\n")), ["2"]);
});

test("an example has imported for it what it uses, and its own imports at the top; the numbers of its lines stay", () => {
  const example = {
    code: 'import { readFile } from "node:fs/promises";\nawait sleep(1);\nsleep.on;',
    file: "a.ts",
    line: 7,
  };
  const origins = new Map([
    ["sleep", { from: "tsyncio" }],
    ["on", { from: "tsyncio" }],
    ["Task", { from: "tsyncio", typeOnly: true }],
  ]);
  const { text, linesBefore } = exampleModule(example, origins);
  const lines = text.split("\n");
  assert.equal(lines[0], 'import { readFile } from "node:fs/promises";');
  assert.equal(lines[1], 'import { sleep } from "tsyncio";');
  assert.ok(!text.includes("{ on }"));
  assert.equal(lines[linesBefore + 1], "await sleep(1);");
});
