import { readFileSync } from "node:fs";
import path from "node:path";
import { type Declaration, type SourceModule, sourceModule } from "./source-module.ts";

/** A name that a program can import. */
export interface PublicName {
  readonly name: string;
  /** What it is imported from: `tsyncio/flow`. */
  readonly entry: string;
  /** Whether it is a type and nothing else. */
  readonly typeOnly: boolean;
  /** Where it is declared; undefined if that is in another package. */
  readonly home: { readonly module: SourceModule; readonly declaration: Declaration } | undefined;
}

/** The entry files of a package, by what they are imported as. */
export function entryFiles(folder: string): Map<string, string> {
  const manifest = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as {
    readonly name: string;
    readonly exports: Readonly<Record<string, { readonly "@tsyncio/source": string }>>;
  };
  return new Map(
    Object.entries(manifest.exports).map(([subpath, conditions]) => [
      path.posix.join(manifest.name, subpath),
      path.join(folder, conditions["@tsyncio/source"]),
    ]),
  );
}

/** The names that an entry file exports, in alphabetical order. An entry file does nothing but export by name. */
export function publicNames(entry: string, file: string): PublicName[] {
  const names = [...sourceModule(file).reexports].map(([name, { from, name: local, typeOnly }]) => ({
    name,
    entry,
    typeOnly,
    home: homeOf(from, local),
  }));
  return names.toSorted((a, b) => a.name.localeCompare(b.name, "en"));
}

/** Follows a name to the module that declares it. */
export function homeOf(file: string, name: string): PublicName["home"] {
  if (!path.isAbsolute(file)) return undefined;
  const module = sourceModule(file);
  const declaration = module.declarations.get(name);
  if (declaration !== undefined) return { module, declaration };
  const next = module.reexports.get(name) ?? module.imports.get(name);
  return next === undefined ? undefined : homeOf(next.from, next.name);
}
