/**
 * `npm run check`: everything about the code that can be told without running it. All checks run, also when one fails.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { text } from "node:stream/consumers";

/** What is measured beside tsyncio is installed by the benchmark; without its types these programs cannot be checked. */
const PEERS = "bench/runtime/peers";
const peersInstalled = existsSync("bench/node_modules/effect");

const CHECKS: readonly (readonly [what: string, program: string, ...args: string[]])[] = [
  ["types", "tsc", "--noEmit", "-p", "tsconfig.json"],
  ...(peersInstalled ? [["types of the benchmark", "tsc", "--noEmit", "-p", "bench/tsconfig.json"] as const] : []),
  ["lint", "oxlint", ...(peersInstalled ? [] : ["--ignore-pattern", `${PEERS}/**`])],
  ["format", "oxfmt", "--check"],
  ["imports", "node", "scripts/check-imports.ts"],
  ["unused exports and dependencies", "knip", "--no-config-hints"],
  ["examples", "node", "--conditions=@tsyncio/source", "scripts/check-examples.ts"],
  ["public API", "node", "scripts/api.ts", "--check"],
  ["leftovers of a machine", "node", "scripts/check-leftovers.ts"],
];

if (!peersInstalled) console.log(`skip  types and lint of ${PEERS} (npm ci --prefix bench brings what they need)`);
let failed = 0;
for (const [what, program, ...args] of CHECKS) {
  const started = performance.now();
  const { passed, output } = await runCheck(program, args);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${passed ? "pass" : "FAIL"}  ${what} (${seconds} s)`);
  if (!passed) console.log(`\n${output.trimEnd()}\n\n`);
  failed += passed ? 0 : 1;
}
console.log(failed === 0 ? "All checks passed." : `${failed} of ${CHECKS.length} checks failed.`);
process.exitCode = failed === 0 ? 0 : 1;

/** The programs are those of `node_modules/.bin`, which npm puts first in the path of a script. */
async function runCheck(program: string, args: string[]): Promise<{ passed: boolean; output: string }> {
  const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], shell: process.platform === "win32" });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [out, errors, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { passed: code === 0, output: out + errors };
}
