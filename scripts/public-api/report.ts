import { Visitor } from "oxc-parser";
import { homeOf, type PublicName, publicNames } from "./public-names.ts";
import type { Declaration, SourceModule } from "./source-module.ts";

type Home = NonNullable<PublicName["home"]>;

const HEADER = (name: string): string => `# The public API of ${name}

Everything that a program can import, and what it sees through the types of that, without comments and private members.
Written by \`npm run api\`; \`npm run check\` compares it, so a change of the public API shows up in every review.
`;

/**
 * A page with every declaration that a package publishes, by entry. The entries are given with their declaration
 * files, as the compiler emits them: what is marked \`@internal\` is not in there.
 */
export function apiReport(packageName: string, entries: ReadonlyMap<string, string>): string {
  const exported = [...entries].map(([entry, file]) => ({ entry, names: publicNames(entry, file) }));
  const seen = new Set(exported.flatMap(({ names }) => names.flatMap(({ home }) => home?.declaration ?? [])));
  const sections = exported.map(({ entry, names }) => section(entry, names.map(textOfName)));
  const behind: Home[] = [];
  for (const { names } of exported) for (const { home } of names) collectBehind(home, seen, behind);
  if (behind.length > 0) {
    const sorted = behind.toSorted((a, b) => a.declaration.name.localeCompare(b.declaration.name, "en"));
    sections.push(section("Not exported, but seen through the types above", sorted.map(textOf)));
  }
  return [HEADER(packageName), ...sections].join("\n");
}

function section(title: string, texts: readonly string[]): string {
  return `## ${title}\n\n\`\`\`ts\n${texts.join("\n\n")}\n\`\`\`\n`;
}

function textOfName({ name, home }: PublicName): string {
  if (home === undefined) return `${name}: declared in another package`;
  return textOf(home);
}

/** A declaration without its comments and private members, one line for each member. */
function textOf({ module, declaration }: Home): string {
  return declaration.statements
    .map((statement) => {
      const cuts = [...privateMembers(statement), ...module.comments]
        .filter(({ start, end }) => start >= statement.start && end <= statement.end)
        .toSorted((a, b) => b.start - a.start);
      let text = module.text.slice(statement.start, statement.end);
      for (const { start, end } of cuts) {
        text = text.slice(0, start - statement.start) + text.slice(end - statement.start);
      }
      return text
        .replace(/^(export )?(declare )?/, "")
        .replaceAll(/\n(\s*\n)+/g, "\n")
        .replaceAll(/^( +)/gm, (spaces) => " ".repeat(spaces.length / 2))
        .replaceAll(/\{\s+\}$/g, "{}");
    })
    .join("\n");
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function privateMembers(statement: Declaration["statements"][number]): Span[] {
  const declaration = statement.type === "ExportNamedDeclaration" ? statement.declaration : statement;
  if (declaration?.type !== "ClassDeclaration") return [];
  return declaration.body.body.filter((member) => "accessibility" in member && member.accessibility === "private");
}

/** What a declaration refers to within its package, and what that refers to, as far as it is not exported itself. */
function collectBehind(home: Home | undefined, seen: Set<Declaration>, behind: Home[]): void {
  if (home === undefined) return;
  for (const name of namesIn(home)) {
    const target = homeOf(home.module.file, name);
    if (target === undefined || seen.has(target.declaration)) continue;
    seen.add(target.declaration);
    behind.push(target);
    collectBehind(target, seen, behind);
  }
}

function namesIn({
  module,
  declaration,
}: {
  readonly module: SourceModule;
  readonly declaration: Declaration;
}): Set<string> {
  const hidden = declaration.statements.flatMap(privateMembers);
  const names = new Set<string>();
  new Visitor({
    Identifier: ({ name, start }) => {
      const isHidden = hidden.some((member) => start >= member.start && start < member.end);
      const isKnown = module.declarations.has(name) || module.imports.has(name);
      if (isKnown && !isHidden && name !== declaration.name) names.add(name);
    },
  }).visit({
    type: "Program",
    body: [...declaration.statements],
    sourceType: "module",
    hashbang: null,
    start: 0,
    end: 0,
  });
  return names;
}
