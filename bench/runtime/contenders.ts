import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { cellNames, type CellName, type Cells } from "./cells.ts";

/** A program to run in a fresh process. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** Who is measured, and how. */
export interface Contender {
  readonly title: string;
  /** The cells for which it has something. */
  readonly cells: readonly CellName[];
  /** Does a cell, and prints the totals. */
  readonly measure: (cell: CellName, n: number, repeats: number) => Command;
  /** Starts, imports it, runs an empty main where there is such a thing, and ends. */
  readonly start: Command;
  /** Prints how many milliseconds its import took; null where nothing is imported. */
  readonly load: Command | null;
  /** Programs whose bundles are weighed: all that it exports, and a small program that sleeps in two tasks. */
  readonly bundles: { readonly everything: string; readonly program: string } | null;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** All contenders that are there, the floor first and then tsyncio; and what is missing, in words. */
export async function findContenders(): Promise<{
  readonly contenders: readonly Contender[];
  readonly missing: readonly string[];
}> {
  const bare = await inNode(`Node ${process.version}`, "./contenders/node.ts", null, "");
  const python = findPython();
  return {
    contenders: [
      { ...bare, start: evaluate(""), load: null, bundles: null },
      await inNode(titled("tsyncio"), "./contenders/tsyncio.ts", "tsyncio", programs.tsyncio),
      await inNode(titled("effect"), "./peers/effect.ts", "effect", programs.effect),
      await inNode(titled("effection"), "./peers/effection.ts", "effection", programs.effection),
      await inNode(titled("p-limit"), "./peers/p-limit.ts", "p-limit", ""),
      await inNode(titled("p-queue"), "./peers/p-queue.ts", "p-queue", ""),
      await inNode(titled("p-map"), "./peers/p-map.ts", "p-map", ""),
      ...python.contenders,
    ],
    missing: python.missing,
  };
}

/** The smallest program that sleeps in two tasks and awaits both. */
const programs = {
  tsyncio: `import { run, sleep, taskGroup } from "tsyncio";
    await run(() => taskGroup((group) => { for (const ms of [1, 2]) group.createTask(() => sleep(ms)); }));`,
  effect: `import { Effect } from "effect";
    await Effect.runPromise(Effect.forEach([1, 2], (ms) => Effect.sleep(ms), { concurrency: "unbounded" }));`,
  effection: `import { all, run, sleep } from "effection";
    await run(function* () { yield* all([sleep(1), sleep(2)]); });`,
};

/** Empty mains; what has none is only imported. */
const mains: Readonly<Record<string, string>> = {
  tsyncio: `import { run } from "tsyncio"; await run(() => {});`,
  effect: `import { Effect } from "effect"; await Effect.runPromise(Effect.void);`,
  effection: `import { run } from "effection"; await run(function* () {});`,
};

async function inNode(title: string, file: string, library: string | null, program: string): Promise<Contender> {
  const { cells } = (await import(file)) as { readonly cells: Cells };
  const load = `const start = performance.now(); await import("${library}"); console.log(performance.now() - start);`;
  return {
    title,
    cells: cellNames.filter((cell) => cells[cell] !== undefined),
    measure: (cell, n, repeats) => ({
      program: process.execPath,
      args: [...(cell === "memory" ? memoryFlags : []), here("./child.ts"), file, cell, `${n}`, `${repeats}`],
    }),
    start: evaluate(mains[library ?? ""] ?? `import "${library}";`),
    load: evaluate(load),
    bundles: { everything: `export * from "${library}";`, program },
  };
}

/** A million sleepers of the largest contender need more than Node's usual heap. */
const memoryFlags = ["--expose-gc", "--max-old-space-size=12000"];

function evaluate(source: string): Command {
  return { program: process.execPath, args: ["--input-type=module", "--eval", source] };
}

function titled(library: string): string {
  const folder = library === "tsyncio" ? "../../packages/tsyncio" : `../node_modules/${library}`;
  const { version } = JSON.parse(readFileSync(here(`${folder}/package.json`), "utf8")) as { version: string };
  return `${library} ${version}`;
}

function findPython(): { readonly contenders: readonly Contender[]; readonly missing: readonly string[] } {
  const found = ["python3", "/usr/bin/python3"]
    .map((program) => ({ program, version: versionOf(program, "platform.python_version()", "platform") }))
    .filter(({ version }) => version !== null && Number(version.split(".")[1]) >= 11);
  const [first] = found;
  if (first === undefined)
    return { contenders: [], missing: ["Python 3.11 or later: asyncio and uvloop are left out"] };
  const asyncio = inPython(`asyncio (Python ${first.version})`, first.program, "asyncio");
  for (const { program } of found) {
    const version = versionOf(program, "uvloop.__version__", "uvloop");
    if (version !== null)
      return { contenders: [asyncio, inPython(`uvloop ${version}`, program, "uvloop")], missing: [] };
  }
  return { contenders: [asyncio], missing: ["uvloop: it is left out (on Debian: apt-get install python3-uvloop)"] };
}

function versionOf(python: string, expression: string, module: string): string | null {
  try {
    const args = ["-c", `import ${module}; print(${expression})`];
    return execFileSync(python, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
  } catch {
    return null;
  }
}

function inPython(title: string, program: string, loop: "asyncio" | "uvloop"): Contender {
  const install = loop === "uvloop" ? "uvloop.install(); " : "";
  return {
    title,
    cells: cellNames,
    measure: (cell, n, repeats) => ({
      program,
      args: [here("./contenders/python.py"), loop, cell, `${n}`, `${repeats}`],
    }),
    start: {
      program,
      args: ["-c", `import asyncio, ${loop}; ${install}asyncio.run(asyncio.sleep(0))`],
    },
    load: {
      program,
      args: ["-c", `import time; t = time.perf_counter(); import ${loop}; print((time.perf_counter() - t) * 1000)`],
    },
    bundles: null,
  };
}
