/**
 * `npm run api [-- --check]`: writes the `api.md` of every package, its whole public API as the compiler emits it. With
 * --check nothing is written, and the status is 1 if something differs.
 */
import { spawnSync } from "node:child_process";
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { entryFiles } from "./public-api/public-names.ts";
import { apiReport } from "./public-api/report.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const output = mkdtempSync(path.join(tmpdir(), "tsyncio-api-"));
try {
  emitDeclarations();
  const outdated = globSync("packages/*/package.json", { cwd: root }).map(path.dirname).toSorted().filter(update);
  if (outdated.length > 0 && process.argv.includes("--check")) {
    console.error(`The public API of ${outdated.join(", ")} is not what api.md says.`);
    console.error("If that is meant, write it anew with `npm run api`, and commit it with the change.");
    process.exitCode = 1;
  }
} finally {
  rmSync(output, { recursive: true });
}

function emitDeclarations(): void {
  const configuration = {
    extends: path.join(root, "tsconfig.base.json"),
    compilerOptions: {
      declaration: true,
      emitDeclarationOnly: true,
      stripInternal: true,
      rootDir: root,
      outDir: output,
      typeRoots: [path.join(root, "node_modules/@types")],
    },
    include: [path.join(root, "packages/*/src")],
  };
  writeFileSync(path.join(output, "tsconfig.json"), JSON.stringify(configuration));
  const { status, stdout, error } = spawnSync("tsc", ["-p", output], {
    encoding: "utf8",
    shell: process.platform === "win32",
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`the packages do not compile:\n${stdout}`);
}

/** Writes the report of one package, unless that is only to be checked; tells whether it was out of date. */
function update(folder: string): boolean {
  const { name } = JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8")) as {
    readonly name: string;
  };
  const sources = [...entryFiles(path.join(root, folder))];
  const entries = sources.map(([entry, file]) => [entry, emitted(file)] as const);
  const report = apiReport(name, new Map(entries));
  const page = path.join(root, folder, "api.md");
  const isOutdated = !existsSync(page) || readFileSync(page, "utf8") !== report;
  if (isOutdated && !process.argv.includes("--check")) writeFileSync(page, report);
  return isOutdated;
}

function emitted(source: string): string {
  return path.join(output, path.relative(root, source)).replace(/\.ts$/, ".d.ts");
}
