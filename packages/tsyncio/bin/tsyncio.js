#!/usr/bin/env node
/*
 * The command `tsyncio`, as small as it can be: it finds a Node that can run tsyncio, chooses between the build and the
 * sources, and hands everything else to `@tsyncio/cli`.
 *
 * It is committed as plain JavaScript, and in a syntax that Node 18 reads: npm links only those commands that exist at
 * installation, when nothing is built yet, and an old Node must get as far as the sentence that says what to do.
 */
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { constants } from "node:os";
import path from "node:path";
import { isatty } from "node:tty";
import { fileURLToPath, pathToFileURL } from "node:url";

const OLDEST_NODE = 24;
const SOURCE_CONDITION = "@tsyncio/source";
const RELAUNCHED = "TSYNCIO_RELAUNCHED";
const EXIT_FAILED = 1;
const EXIT_NO_CLI = 2;

const script = fileURLToPath(import.meta.url);
const packageFolder = path.dirname(path.dirname(script));
const inCheckout = existsSync(path.join(packageFolder, "src", "index.ts"));

launch(process.argv.slice(2)).catch((error) => {
  console.error(error);
  process.exitCode = EXIT_FAILED;
});

async function launch(argv) {
  // Taken out at once, so that a tsyncio which this one starts is free to relaunch itself.
  const relaunched = RELAUNCHED in process.env;
  delete process.env[RELAUNCHED];
  if (relaunched) endWithLauncher();

  if (argv[0] === "--version" || argv[0] === "-v") {
    console.log(JSON.parse(readFileSync(path.join(packageFolder, "package.json"), "utf8")).version);
  } else if (majorOf(process.versions.node) < OLDEST_NODE) {
    const node = relaunched ? undefined : findNode();
    if (node === undefined) refuseOldNode();
    else relaunch(node, [], argv);
  } else if (inCheckout && !sourcesAreChosen() && !relaunched) {
    relaunch(process.execPath, process.execArgv, argv);
  } else {
    await runCli(argv);
  }
}

async function runCli(argv) {
  const cli = findCli();
  if (cli === undefined) {
    process.stderr.write("tsyncio: its sub-commands are a package of their own: npm install @tsyncio/cli\n");
    process.exitCode = EXIT_NO_CLI;
    return;
  }
  const { main } = await import(pathToFileURL(cli).href);
  await main(argv);
}

/** The entry of `@tsyncio/cli`: the one installed beside this launcher, or else the one of the current project. */
function findCli() {
  for (const from of [script, path.join(process.cwd(), "any.js")]) {
    try {
      return createRequire(from).resolve("@tsyncio/cli");
    } catch (error) {
      if (error.code !== "MODULE_NOT_FOUND") throw error;
    }
  }
  return undefined;
}

/** The sources need a condition that worker threads inherit, which only a flag of the process does. */
function sourcesAreChosen() {
  return [...process.execArgv, process.env.NODE_OPTIONS || ""].join(" ").includes(SOURCE_CONDITION);
}

/** A new enough Node that a project brings through npm: the current folder's project first, then this file's. */
function findNode() {
  const places = process.platform === "win32" ? ["node/bin/node.exe"] : [".bin/node", "node/bin/node"];
  for (const start of [process.cwd(), packageFolder]) {
    for (const folder of upwards(start)) {
      for (const place of places) {
        const node = path.join(folder, "node_modules", place);
        if (existsSync(node) && majorOf(versionOf(node)) >= OLDEST_NODE) return node;
      }
    }
  }
  return undefined;
}

function upwards(folder) {
  const parent = path.dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}

function versionOf(node) {
  const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8", timeout: 10000 });
  return (stdout || "").trim().replace(/^v/, "");
}

function majorOf(version) {
  return Number.parseInt(version, 10);
}

function refuseOldNode() {
  process.stderr.write(
    `tsyncio needs Node ${OLDEST_NODE} or newer, and this is Node ${process.versions.node} (${process.execPath}): ` +
      `install a newer one from https://nodejs.org, or into this project with: npm install --save-dev node@${OLDEST_NODE}\n`,
  );
  process.exitCode = EXIT_FAILED;
}

/** A launcher that is killed cannot pass that on; its end of the channel closes all the same. */
function endWithLauncher() {
  if (process.channel === undefined) return;
  process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
  // The channel alone keeps nobody alive.
  process.channel.unref();
}

/** Runs this launcher again, on another Node or with the condition for the sources, and ends as that one ends. */
function relaunch(node, flags, argv) {
  const conditions = inCheckout ? [`--conditions=${SOURCE_CONDITION}`] : [];
  const child = spawn(node, [...flags, ...conditions, script, ...argv], {
    stdio: ["inherit", "inherit", "inherit", "ipc"],
    env: Object.assign({}, process.env, { [RELAUNCHED]: "1" }),
  });

  // A terminal sends Ctrl+C to both processes itself. Passed on as well, it would arrive twice, and the second one
  // means "stop at once".
  const atTerminal = isatty(0) || isatty(2);
  process.on("SIGINT", () => atTerminal || child.kill("SIGINT"));
  process.on("SIGTERM", () => child.kill("SIGTERM"));
  process.on("SIGHUP", () => child.kill("SIGHUP"));

  child.on("error", (error) => {
    process.stderr.write(`tsyncio: cannot start ${node}: ${error.message}\n`);
    process.exitCode = EXIT_FAILED;
  });
  child.on("exit", (code, signal) => {
    if (signal === null) {
      process.exitCode = code;
    } else {
      process.removeAllListeners(signal);
      process.exitCode = 128 + constants.signals[signal];
      process.kill(process.pid, signal);
    }
  });
}
