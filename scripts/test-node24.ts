/**
 * `npm run test:node24 [-- [FILE…] [OPTION…]]`: as `npm test`, under the oldest Node that the packages support. Whatever
 * the tests start gets it too, as `process.execPath` and as the first `node` on the path.
 */
import { spawn } from "node:child_process";
import path from "node:path";
import { installOldestNode } from "./oldest-node/install.ts";

const node = await installOldestNode();
const runner = spawn(node, ["--conditions=@tsyncio/source", "scripts/test.ts", ...process.argv.slice(2)], {
  stdio: "inherit",
  env: { ...process.env, PATH: path.dirname(node) + path.delimiter + (process.env["PATH"] ?? "") },
});
runner.on("exit", (code) => {
  process.exitCode = code ?? 1;
});
