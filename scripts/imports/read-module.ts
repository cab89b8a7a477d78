import { parseSync, Visitor, type Program } from "oxc-parser";

export interface Module {
  readonly file: string;
  /** Every module that is imported or re-exported, in any way, also for its types only; in order, without repetition. */
  readonly imports: readonly string[];
  /** Whether it consists of nothing but exports by name from other modules. */
  readonly onlyExports: boolean;
}

/** Reads what a TypeScript module imports. Throws when it does not parse. */
export function readModule(file: string, text: string): Module {
  const { program, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined) throw new Error(`${file} does not parse: ${error.message}`);
  return { file, imports: importsOf(program), onlyExports: hasOnlyExports(program) };
}

function importsOf(program: Program): string[] {
  const found = new Set<string>();
  new Visitor({
    ImportDeclaration: (node) => found.add(node.source.value),
    ExportAllDeclaration: (node) => found.add(node.source.value),
    ExportNamedDeclaration: (node) => node.source !== null && found.add(node.source.value),
    TSImportType: (node) => found.add(node.source.value),
    ImportExpression: (node) => {
      if (node.source.type === "Literal" && typeof node.source.value === "string") found.add(node.source.value);
    },
  }).visit(program);
  return [...found];
}

function hasOnlyExports(program: Program): boolean {
  return program.body.every(
    (node) =>
      node.type === "ExportNamedDeclaration" &&
      node.declaration === null &&
      (node.source !== null || node.specifiers.length === 0),
  );
}
