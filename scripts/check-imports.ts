/**
 * Keeps the architecture true: who may import whom.
 *
 * Between packages, the table `MAY_IMPORT`. Inside `tsyncio`, floors: a file imports only from its own floor or a lower one, and
 * the entry files on the top floor do nothing but export. Inside every package, no circle. An import of types counts like any
 * other: it couples the reader, who has to understand both files at once, as much as it would couple the program.
 */
import { globSync, readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import path from "node:path";
import { findCircles } from "./imports/circles.ts";
import { readModule, type Module } from "./imports/read-module.ts";

/** A complaint, as one line that starts with the file. */
export type Complaint = string;

interface PackageRule {
  /** The workspace packages whose public entries it may import. */
  readonly workspace: readonly string[];
  /** The libraries it may import; "any": whatever its package.json lists, which knip checks. */
  readonly libraries: readonly string[] | "any";
}

const MAY_IMPORT: Readonly<Record<string, PackageRule>> = {
  tsyncio: { workspace: [], libraries: [] },
  "@tsyncio/threads": { workspace: ["tsyncio"], libraries: ["piscina"] },
  "@tsyncio/http": {
    workspace: ["tsyncio"],
    libraries: ["undici", "ws", "tough-cookie", "eventsource-parser", "hono"],
  },
  "@tsyncio/ingest": { workspace: ["tsyncio", "@tsyncio/http", "@tsyncio/threads"], libraries: "any" },
  "@tsyncio/cli": {
    workspace: ["tsyncio", "@tsyncio/http", "@tsyncio/threads", "@tsyncio/ingest"],
    libraries: "any",
  },
  "@tsyncio/eslint-plugin": { workspace: [], libraries: "any" },
};

const FLOORS: Readonly<Record<string, number>> = {
  "errors.ts": 0,
  kernel: 1,
  tasks: 2,
  sync: 3,
  queues: 3,
  flow: 4,
  net: 4,
  process: 4,
  testing: 4,
  inspect: 4,
  resilience: 4,
  "index.ts": 5,
  "flow.ts": 5,
  "net.ts": 5,
  "process.ts": 5,
  "testing.ts": 5,
  "inspect.ts": 5,
  "resilience.ts": 5,
};
const ENTRY_FLOOR = 5;

/** Checks the sources of one package. The keys of `sources` are paths relative to its `src` folder, with `/`. */
export function checkPackage(name: string, sources: ReadonlyMap<string, string>): Complaint[] {
  const modules = [...sources].map(([file, text]) => readModule(file, text));
  const complaints = modules.flatMap((module) => [
    ...checkPackageImports(name, module),
    ...checkRelativeImports(module, sources),
    ...(name === "tsyncio" ? checkFloors(module) : []),
  ]);
  const circles = findCircles(new Map(modules.map((module) => [module.file, localTargets(module)])));
  return [...complaints, ...circles.map((circle) => `${circle[0]}: imports in a circle: ${circle.join(" -> ")}`)];
}

function checkPackageImports(name: string, module: Module): Complaint[] {
  const rule = MAY_IMPORT[name];
  if (rule === undefined)
    return [`${module.file}: package ${name} is not in the table of scripts/check-imports.ts; add it`];
  const complaints: Complaint[] = [];
  for (const specifier of module.imports) {
    if (specifier.startsWith(".") || isBuiltin(specifier)) continue;
    const target = packageOf(specifier);
    const allowed =
      target in MAY_IMPORT
        ? rule.workspace.includes(target)
        : rule.libraries === "any" || rule.libraries.includes(target);
    if (!allowed) complaints.push(`${module.file}: ${name} may not import ${target}`);
  }
  return complaints;
}

function checkRelativeImports(module: Module, sources: ReadonlyMap<string, string>): Complaint[] {
  return localTargets(module)
    .filter((target) => !sources.has(target))
    .map((target) => `${module.file}: imports ${target}, which is not a source file of its package`);
}

function checkFloors(module: Module): Complaint[] {
  const own = floorOf(module.file);
  if (own === undefined)
    return [`${module.file}: stands on no floor; put it into a folder of the table in design section 1`];
  const complaints = localTargets(module)
    .filter((target) => (floorOf(target) ?? 0) > own)
    .map((target) => `${module.file}: on floor ${own} imports ${target} on floor ${floorOf(target)}`);
  if (own === ENTRY_FLOOR && !module.onlyExports)
    complaints.push(`${module.file}: an entry file may only export by name`);
  return complaints;
}

function localTargets(module: Module): string[] {
  const folder = path.posix.dirname(module.file);
  return module.imports
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => path.posix.normalize(path.posix.join(folder, specifier)));
}

function floorOf(file: string): number | undefined {
  return FLOORS[file.split("/")[0] ?? file];
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function checkWorkspaces(): Complaint[] {
  return globSync("packages/*/package.json").flatMap((manifest) => {
    const { name } = JSON.parse(readFileSync(manifest, "utf8")) as { name: string };
    const root = path.join(path.dirname(manifest), "src");
    const files = globSync("**/*.ts", { cwd: root }).toSorted();
    const sources = new Map(
      files.map((file) => [file.split(path.sep).join("/"), readFileSync(path.join(root, file), "utf8")]),
    );
    return checkPackage(name, sources).map((complaint) => `${root}/${complaint}`);
  });
}

if (import.meta.main) {
  const complaints = checkWorkspaces();
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}
