import { execFile } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { ExampleModule } from "./example-module.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const execute = promisify(execFile);

/** An example that can be imported, and what the compiler says against it. */
export interface CompiledExample extends ExampleModule {
  readonly path: string;
  readonly complaints: readonly string[];
}

/** Writes examples into an empty folder, and compiles all of them with one call of the compiler. */
export async function compileExamples(modules: readonly ExampleModule[], folder: string): Promise<CompiledExample[]> {
  const names = modules.map((_module, index) => `example-${index}.ts`);
  await symlink(path.join(root, "node_modules"), path.join(folder, "node_modules"));
  await writeFile(path.join(folder, "package.json"), '{ "type": "module" }');
  await writeFile(path.join(folder, "tsconfig.json"), JSON.stringify(configuration(names)));
  await Promise.all(modules.map(({ text }, index) => writeFile(path.join(folder, names[index] as string), text)));
  const output = await compilerOutput(folder);
  const complaints = Map.groupBy(complaintsIn(output), ({ file }) => file);
  if (complaints.keys().some((file) => !names.includes(file)))
    throw new Error(`not only examples are at fault:\n${output}`);
  return modules.map((module, index) => {
    const name = names[index] as string;
    const own = (complaints.get(name) ?? []).map(({ line, message }) => `${placeOf(module, line)}: ${message}`);
    return { ...module, path: path.join(folder, name), complaints: own };
  });
}

function configuration(files: readonly string[]): object {
  return {
    extends: path.join(root, "tsconfig.base.json"),
    compilerOptions: {
      noEmit: true,
      allowImportingTsExtensions: true,
      rewriteRelativeImportExtensions: false,
      noUnusedLocals: false,
      noUnusedParameters: false,
      typeRoots: [path.join(root, "node_modules/@types")],
    },
    files,
  };
}

async function compilerOutput(folder: string): Promise<string> {
  try {
    return (await execute(path.join(root, "node_modules/.bin/tsc"), ["-p", ".", "--pretty", "false"], { cwd: folder }))
      .stdout;
  } catch (error) {
    const { stdout } = error as { readonly stdout?: string };
    if (stdout === undefined || complaintsIn(stdout).length === 0) throw error;
    return stdout;
  }
}

function complaintsIn(output: string): { file: string; line: number; message: string }[] {
  return [...output.matchAll(/^(\S+?)\((\d+),\d+\): (.*(?:\n .*)*)/gmu)].map(([, file = "", line, message = ""]) => ({
    file,
    line: Number(line),
    message,
  }));
}

function placeOf({ example, linesBefore }: ExampleModule, line: number): string {
  return `${example.file}:${example.line + line - linesBefore - 1}`;
}
