/**
 * `npm run build`: compiles every package to its `dist`, from nothing, so that no output of a source file that is gone is
 * ever packed. It takes a second or two; nothing in the checkout itself needs it, because there everything runs from source.
 */
import { spawnSync } from "node:child_process";
import { globSync, rmSync } from "node:fs";

for (const dist of globSync("packages/*/dist")) rmSync(dist, { recursive: true });
const { status, error } = spawnSync("tsc", ["-b", "--force", "tsconfig.build.json"], {
  stdio: "inherit",
  shell: process.platform === "win32",
});
if (error !== undefined) throw error;
process.exitCode = status ?? 1;
