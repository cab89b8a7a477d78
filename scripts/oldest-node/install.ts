import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";

/** The oldest Node that the packages support. */
export const OLDEST_NODE = "24.21.0";

/**
 * The path of the oldest Node's program. npm brings it, the first time that it is asked for, as a package of its own
 * (the package `node` would do so by an installation script, and put it in the way of the checkout's own Node). It stays
 * in `node_modules/.cache` until the next `npm ci`. Several may ask at once.
 */
export async function installOldestNode(): Promise<string> {
  const prefix = process.platform === "darwin" && process.arch === "arm64" ? "node-bin" : "node";
  const name = `${prefix}-${process.platform}-${process.arch}`;
  const cache = path.resolve("node_modules/.cache");
  const home = path.join(cache, `node-${OLDEST_NODE}`);
  const node = path.join(home, "node_modules", name, "bin/node");
  if (existsSync(node)) return node;
  await mkdir(cache, { recursive: true });
  const folder = await mkdtemp(`${home}-`);
  try {
    const options = ["--prefix", folder, "--prefer-offline", "--no-audit", "--no-fund"];
    await promisify(execFile)("npm", ["install", ...options, `${name}@${OLDEST_NODE}`], { env: withoutNpm() });
    // Whole or not at all: somebody else may have been faster.
    await rename(folder, home).catch((error: unknown) => {
      if (!existsSync(node)) throw error;
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return node;
}

/** Without what `npm test` tells its own scripts, such as which project they belong to. */
function withoutNpm(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|INIT_CWD$)/.test(name)));
}
