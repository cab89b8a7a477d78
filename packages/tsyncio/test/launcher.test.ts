import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";

/** A Node that says it is older than it is, since no machine can be relied upon to have an old one. */
const PRETEND_OLD = [
  "data:text/javascript,",
  'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.19.0" } });',
].join("");

const PRINT_ARGUMENTS = "export async function main(argv) { console.log(JSON.stringify(argv)); process.exitCode = 5; }";

const launcher = fileURLToPath(new URL("../bin/tsyncio.js", import.meta.url));
const home = await realpath(await mkdtemp(path.join(tmpdir(), "tsyncio-launcher-")));
after(() => rm(home, { recursive: true, force: true }));

interface Layout {
  /** Whether the launcher stands in a checkout, with sources beside it. */
  readonly checkout?: boolean;
  /** The module that stands for `@tsyncio/cli`, and where it is installed; in a checkout it is reached by the condition only. */
  readonly cli?: string;
  readonly cliIn?: "beside the launcher" | "current folder";
  /** Whether the launcher's project brings a Node through npm. */
  readonly node?: boolean;
}

/** Lays out a project with the launcher in it, and returns the launcher's path and a folder elsewhere to start it from. */
async function project(layout: Layout): Promise<{ script: string; cwd: string }> {
  const root = await mkdtemp(path.join(home, "project-"));
  const cwd = await mkdtemp(path.join(home, "elsewhere-"));
  const folder = path.join(root, layout.checkout ? "packages/tsyncio" : "node_modules/tsyncio");
  const script = path.join(folder, "bin/tsyncio.js");
  await mkdir(path.dirname(script), { recursive: true });
  await copyFile(launcher, script);
  await write(path.join(folder, "package.json"), '{ "name": "tsyncio", "version": "1.2.3", "type": "module" }');
  if (layout.checkout) await write(path.join(folder, "src/index.ts"), "export {};");
  if (layout.cli !== undefined) {
    const cli = path.join(layout.cliIn === "current folder" ? cwd : root, "node_modules/@tsyncio/cli");
    const target = layout.checkout ? { "@tsyncio/source": "./main.js", default: "./not-built.js" } : "./main.js";
    await write(path.join(cli, "package.json"), JSON.stringify({ type: "module", exports: target }));
    await write(path.join(cli, "main.js"), layout.cli);
  }
  if (layout.node) {
    await mkdir(path.join(root, "node_modules/.bin"), { recursive: true });
    await symlink(process.execPath, path.join(root, "node_modules/.bin/node"));
  }
  return { script, cwd };
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** The environment without the condition that `npm test` puts into it, which would hide what the launcher does. */
function plainEnvironment(): NodeJS.ProcessEnv {
  const { NODE_OPTIONS: _, ...environment } = process.env;
  return environment;
}

function launch(
  { script, cwd }: { script: string; cwd: string },
  argv: string[],
  { node = process.execPath, flags = [] as string[] } = {},
): { status: number | null; stdout: string; stderr: string } {
  const { status, stdout, stderr } = spawnSync(node, [...flags, script, ...argv], {
    cwd,
    encoding: "utf8",
    env: plainEnvironment(),
  });
  return { status, stdout, stderr };
}

test("the launcher hands its arguments to the main of the @tsyncio/cli beside it, and keeps its exit status", async () => {
  const result = launch(await project({ cli: PRINT_ARGUMENTS }), ["ingest", "a b", "--json"]);
  assert.deepEqual(result, { status: 5, stdout: '["ingest","a b","--json"]\n', stderr: "" });
});

test("the launcher finds an @tsyncio/cli that only the current folder's project has", async () => {
  const result = launch(await project({ cli: PRINT_ARGUMENTS, cliIn: "current folder" }), ["status"]);
  assert.deepEqual(result, { status: 5, stdout: '["status"]\n', stderr: "" });
});

test("the launcher without an @tsyncio/cli says how to install it and exits with 2", async () => {
  const { status, stdout, stderr } = launch(await project({}), ["ingest"]);
  assert.equal(status, 2);
  assert.equal(stdout, "");
  assert.match(stderr, /^.*npm install @tsyncio\/cli\n$/);
});

for (const flag of ["--version", "-v"]) {
  test(`${flag} prints the version without an @tsyncio/cli, and on an old Node too`, async () => {
    const place = await project({});
    const expected = { status: 0, stdout: "1.2.3\n", stderr: "" };
    assert.deepEqual(launch(place, [flag]), expected);
    assert.deepEqual(launch(place, [flag], { flags: ["--import", PRETEND_OLD] }), expected);
  });
}

test("an @tsyncio/cli that fails makes the launcher print the error and exit with 1", async () => {
  const cli = 'export async function main() { throw new Error("the disk is gone"); }';
  const { status, stderr } = launch(await project({ cli }), []);
  assert.equal(status, 1);
  assert.match(stderr, /the disk is gone/);
});

test("an @tsyncio/cli that is installed but broken is not taken for a missing one", async () => {
  const { status, stderr } = launch(await project({ cli: 'import "./missing.js";' }), []);
  assert.equal(status, 1);
  assert.match(stderr, /missing\.js/);
});

test("in a checkout the launcher runs the sources, and worker threads get them too", async () => {
  const cli = `
    import { isMainThread, parentPort, Worker } from "node:worker_threads";
    export async function main(argv) {
      const worker = new Worker(\`import("@tsyncio/cli")\`, { eval: true });
      worker.on("message", (text) => console.log(text, ...argv));
    }
    if (!isMainThread) parentPort.postMessage("sources in a worker");`;
  const place = await project({ checkout: true, cli });
  const result = launch({ ...place, cwd: path.dirname(place.script) }, ["x"]);
  assert.deepEqual(result, { status: 0, stdout: "sources in a worker x\n", stderr: "" });
});

test("in a checkout the launcher keeps the flags of its Node", async () => {
  const cli = "export async function main() { console.log(process.execArgv.join()); }";
  const { stdout } = launch(await project({ checkout: true, cli }), [], { flags: ["--stack-trace-limit=7"] });
  assert.equal(stdout, "--stack-trace-limit=7,--conditions=@tsyncio/source\n");
});

test("on an old Node the launcher goes on with the Node of its own project", async () => {
  const cli = "export async function main(argv) { console.log(process.versions.node, ...argv); process.exitCode = 6; }";
  const result = launch(await project({ cli, node: true }), ["a"], { flags: ["--import", PRETEND_OLD] });
  assert.deepEqual(result, { status: 6, stdout: `${process.versions.node} a\n`, stderr: "" });
});

test("on an old Node the launcher goes on with the Node of a folder above the current one", async () => {
  const place = await project({ cli: PRINT_ARGUMENTS });
  const { cwd } = await project({ node: true }).then(({ script }) => ({ cwd: path.dirname(script) }));
  const result = launch({ ...place, cwd }, [], { flags: ["--import", PRETEND_OLD] });
  assert.deepEqual(result, { status: 5, stdout: "[]\n", stderr: "" });
});

test("on an old Node without another one, the launcher says in one line what to do and exits with 1", async () => {
  const { status, stdout, stderr } = launch(await project({ cli: PRINT_ARGUMENTS }), [], {
    flags: ["--import", PRETEND_OLD],
  });
  assert.equal(status, 1);
  assert.equal(stdout, "");
  assert.match(stderr, /^tsyncio needs Node 24 or newer, and this is Node 20\.19\.0 \(.*\): install .*\n$/);
});

test("a Node that stays old after the relaunch is refused instead of relaunched for ever", async () => {
  const place = await project({ node: true });
  const { status, stderr } = spawnSync(process.execPath, [place.script, "ingest"], {
    cwd: place.cwd,
    encoding: "utf8",
    env: {
      ...plainEnvironment(),
      NODE_OPTIONS: `--import=${PRETEND_OLD.replaceAll(" ", "%20").replaceAll('"', "%22")}`,
    },
  });
  assert.equal(status, 1);
  assert.match(stderr, /^tsyncio needs Node 24 or newer/);
});

test("a tsyncio that a relaunched tsyncio starts may relaunch itself again", async () => {
  const cli =
    "export async function main() { console.log(Object.keys(process.env).filter((name) => /TSYNCIO/.test(name))); }";
  assert.equal(launch(await project({ checkout: true, cli }), []).stdout, "[]\n");
});

const realOldNode = findOldNode();
test(
  "a real old Node reads the launcher and goes on with the project's",
  {
    skip: realOldNode === undefined && "no Node older than 24 on the path",
  },
  async () => {
    const cli = "export async function main(argv) { console.log(process.versions.node, ...argv); }";
    const result = launch(await project({ checkout: true, cli, node: true }), ["a"], { node: String(realOldNode) });
    assert.deepEqual(result, { status: 0, stdout: `${process.versions.node} a\n`, stderr: "" });
  },
);

function findOldNode(): string | undefined {
  return (process.env["PATH"] ?? "")
    .split(path.delimiter)
    .map((folder) => path.join(folder, "node"))
    .find((node) => {
      const { stdout } = spawnSync(node, ["--version"], { encoding: "utf8" });
      return typeof stdout === "string" && Number.parseInt(stdout.slice(1), 10) < 24;
    });
}

/** Starts a relaunching launcher without a terminal, waits for its `main` to run, and sends the launcher a signal. */
async function signalled(cli: string, signal: NodeJS.Signals): Promise<{ ended: unknown[]; output: string }> {
  const { script, cwd } = await project({ checkout: true, cli });
  const child = spawn(process.execPath, [script], { cwd, env: plainEnvironment(), stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    if (output === "") child.kill(signal);
    output += text;
  });
  return { ended: await once(child, "close"), output };
}

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  test(`${signal} to a relaunching launcher reaches the program once, whose exit status counts`, async () => {
    const cli = `export async function main() {
      const waiting = setInterval(() => {}, 1000);
      process.on("${signal}", () => {
        console.log("got it");
        clearInterval(waiting);
        process.exitCode = 7;
      });
      console.log("ready");
    }`;
    assert.deepEqual(await signalled(cli, signal), { ended: [7, null], output: "ready\ngot it\n" });
  });

  test(`a relaunching launcher whose program dies by ${signal} dies by it too`, async () => {
    const cli = 'export async function main() { setInterval(() => {}, 1000); console.log("ready"); }';
    assert.deepEqual(await signalled(cli, signal), { ended: [null, signal], output: "ready\n" });
  });
}

test("a relaunching launcher whose program ends itself by SIGKILL dies by it too", async () => {
  const cli = 'export async function main() { process.kill(process.pid, "SIGKILL"); }';
  const { script, cwd } = await project({ checkout: true, cli });
  const child = spawn(process.execPath, [script], { cwd, env: plainEnvironment(), stdio: "ignore" });
  assert.deepEqual(await once(child, "close"), [null, "SIGKILL"]);
});
