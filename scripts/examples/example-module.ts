import { parseSync } from "oxc-parser";
import type { Example } from "./example.ts";

/** A module with one exported function, `example`, whose body is an example. */
export interface ExampleModule {
  readonly example: Example;
  readonly text: string;
  /** How many lines stand before the example's first. */
  readonly linesBefore: number;
}

/** Where a name comes from that an example need not import. */
export interface NameOrigin {
  readonly from: string;
  readonly typeOnly?: boolean;
}

/**
 * Makes a module of an example. What an example uses without importing it comes from where `origins` says; what it
 * imports itself stays as it is, at the top of the module.
 */
export function exampleModule(example: Example, origins: ReadonlyMap<string, NameOrigin>): ExampleModule {
  const { body, imports, imported } = splitImports(example);
  const names = new Set([...body.matchAll(/(?<![.\w$])[A-Za-z_$][\w$]*/gu)].map(([name]) => name));
  const header = [...imports];
  for (const name of names) {
    const origin = origins.get(name);
    if (origin === undefined || imported.has(name)) continue;
    const specifier = origin.typeOnly === true ? `type ${name}` : name;
    header.push(`import { ${specifier} } from ${JSON.stringify(origin.from)};`);
  }
  header.push("interface Printer { log(...values: unknown[]): void; error(...values: unknown[]): void }");
  header.push("export async function example(console: Printer): Promise<void> {");
  return {
    example,
    text: [...header, body, "console satisfies Printer;", "}", ""].join("\n"),
    linesBefore: header.length,
  };
}

/** Takes the imports out of an example; empty lines take their place, so that all others keep their numbers. */
function splitImports({ code }: Example): { body: string; imports: string[]; imported: Set<string> } {
  // What does not parse has no statements here, and the compiler says why.
  const { program } = parseSync("example.ts", code, { sourceType: "module" });
  let body = code;
  const imports: string[] = [];
  const imported = new Set<string>();
  for (const statement of program.body) {
    if (statement.type !== "ImportDeclaration") continue;
    const text = code.slice(statement.start, statement.end);
    imports.push(text.replaceAll(/\s+/g, " "));
    for (const { local } of statement.specifiers) imported.add(local.name);
    body = body.replace(text, text.replaceAll(/[^\n]+/g, ""));
  }
  return { body, imports, imported };
}
