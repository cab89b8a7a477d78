import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Comment, parseSync, type Program } from "oxc-parser";

type Statement = Program["body"][number];

/** A name that a module has from another one. */
export interface Origin {
  /** The file, or the specifier of a package. */
  readonly from: string;
  readonly name: string;
}

/** What a module declares under one name: several statements for a function with overloads, or a type beside a value. */
export interface Declaration {
  readonly name: string;
  readonly statements: readonly Statement[];
  /** The doc comment in front of it. */
  readonly doc: Comment | undefined;
}

/** A module in its source, `.ts` or `.d.ts`, as far as its public names are concerned. */
export interface SourceModule {
  readonly file: string;
  readonly text: string;
  readonly comments: readonly Comment[];
  readonly declarations: ReadonlyMap<string, Declaration>;
  readonly imports: ReadonlyMap<string, Origin>;
  /** What it exports of others. */
  readonly reexports: ReadonlyMap<string, Origin & { readonly typeOnly: boolean }>;
}

const modules = new Map<string, SourceModule>();

/** Reads a module; each file once. */
export function sourceModule(file: string): SourceModule {
  let module = modules.get(file);
  if (module === undefined) modules.set(file, (module = parse(file)));
  return module;
}

function parse(file: string): SourceModule {
  const text = readFileSync(file, "utf8");
  const { program, comments, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file} does not parse: ${error.message}`);
  const declarations = new Map<string, Declaration>();
  const imports = new Map<string, Origin>();
  const reexports = new Map<string, Origin & { typeOnly: boolean }>();
  for (const statement of program.body) {
    if (statement.type === "ImportDeclaration") {
      for (const specifier of statement.specifiers) {
        const name = specifier.type === "ImportSpecifier" ? nameOf(specifier.imported) : "*";
        imports.set(specifier.local.name, { from: resolve(file, statement.source.value), name });
      }
    } else if (statement.type === "ExportNamedDeclaration" && statement.source !== null) {
      for (const { local, exported, exportKind } of statement.specifiers) {
        const typeOnly = exportKind === "type" || statement.exportKind === "type";
        reexports.set(nameOf(exported), { from: resolve(file, statement.source.value), name: nameOf(local), typeOnly });
      }
    } else {
      for (const name of declaredNames(statement)) {
        const before = declarations.get(name);
        const doc = before?.doc ?? docOf(statement, text, comments);
        declarations.set(name, { name, statements: [...(before?.statements ?? []), statement], doc });
      }
    }
  }
  return { file, text, comments, declarations, imports, reexports };
}

function resolve(file: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier;
  const target = path.resolve(path.dirname(file), specifier);
  return existsSync(target) ? target : target.replace(/\.[tj]s$/, ".d.ts");
}

function declaredNames(statement: Statement): string[] {
  const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (declaration === null) return [];
  if (declaration.type === "VariableDeclaration") {
    return declaration.declarations.flatMap(({ id }) => (id.type === "Identifier" ? [id.name] : []));
  }
  if (!("id" in declaration) || declaration.id === null) return [];
  return declaration.id.type === "Identifier" ? [declaration.id.name] : [];
}

function nameOf(name: { readonly name: string } | { readonly value: string }): string {
  return "name" in name ? name.name : name.value;
}

function docOf({ start }: Statement, text: string, comments: readonly Comment[]): Comment | undefined {
  const before = comments.findLast((comment) => comment.end <= start);
  const isDoc = before?.type === "Block" && before.value.startsWith("*");
  return isDoc && text.slice(before.end, start).trim() === "" ? before : undefined;
}
