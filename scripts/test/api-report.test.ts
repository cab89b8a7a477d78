import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { apiReport } from "../public-api/report.ts";

const folder = await mkdtemp(path.join(tmpdir(), "tsyncio-api-report-"));
after(() => rm(folder, { recursive: true, force: true }));

/** The report of a package with one entry, `a`, and these declaration files. */
async function reportOf(files: Record<string, string>): Promise<string> {
  const own = await mkdtemp(path.join(folder, "package-"));
  for (const [name, text] of Object.entries(files)) await writeFile(path.join(own, name), text);
  const report = apiReport("a", new Map([["a", path.join(own, "index.d.ts")]]));
  return report.slice(report.indexOf("## a"));
}

test("the report has what an entry exports, in alphabetical order, without comments and private members", async () => {
  const report = await reportOf({
    "index.d.ts": 'export { second } from "./b.ts";\nexport { First } from "./b.ts";',
    "b.d.ts": [
      "/** A function. */",
      "export declare function second(a: string): void;",
      "export declare function second(a: number): void;",
      "export declare class First {",
      "    private hidden;",
      "    /** A method. */",
      "    shown(): void;",
      "}",
    ].join("\n"),
  });
  const first = "class First {\n  shown(): void;\n}";
  const second = "function second(a: string): void;\nfunction second(a: number): void;";
  assert.equal(report, `## a\n\n\`\`\`ts\n${first}\n\n${second}\n\`\`\`\n`);
});

test("the report has the types that are seen through those that are exported, from whichever file, and no others", async () => {
  const report = await reportOf({
    "index.d.ts": 'export { f } from "./b.ts";',
    "b.d.ts":
      'import type { Seen } from "./c.ts";\nexport declare function f(a: Seen): void;\ntype Other = 1;\nexport {};',
    "c.d.ts": "export interface Seen {\n    deeper: Deeper;\n}\ninterface Deeper {\n}\nexport interface Unseen {\n}",
  });
  const behind = report.slice(report.indexOf("## Not exported"));
  assert.match(behind, /```ts\ninterface Deeper \{\}\n\ninterface Seen \{\n {2}deeper: Deeper;\n\}\n```/);
  assert.doesNotMatch(report, /Unseen|Other/);
});
