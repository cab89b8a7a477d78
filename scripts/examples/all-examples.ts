import { readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { entryFiles, type PublicName, publicNames } from "../public-api/public-names.ts";
import { type Example, examplesOf, examplesOn } from "./example.ts";
import { type ExampleModule, exampleModule } from "./example-module.ts";
import * as world from "./world.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The pages of which every block of TypeScript is a file or an example. */
const PAGES = [
  "docs/cancellation.md",
  "docs/from-asyncio.md",
  "docs/from-effect.md",
  "docs/from-p-queue.md",
  "docs/from-blocking-to-concurrent.md",
  "packages/tsyncio/README.md",
];

/** The public names of `tsyncio`, by all its entries, with the examples in their doc comments. */
export const publicExamples: readonly { readonly name: PublicName; readonly examples: readonly Example[] }[] = [
  ...entryFiles(path.join(root, "packages/tsyncio")),
]
  .flatMap(([entry, file]) => publicNames(entry, file))
  .map((name) => ({ name, examples: name.home === undefined ? [] : examplesOf(name.home) }));

/** The modules of all examples, of the doc comments and of the pages. */
export function exampleModules(): ExampleModule[] {
  const origins = new Map([
    ...Object.keys(world).map((name) => [name, { from: path.join(root, "scripts/examples/world.ts") }] as const),
    ...publicExamples.map(({ name: { name, entry, typeOnly } }) => [name, { from: entry, typeOnly }] as const),
  ]);
  const onPages = PAGES.flatMap((page) =>
    examplesOn(path.join(root, page), readFileSync(path.join(root, page), "utf8")),
  );
  const inComments = publicExamples.flatMap(({ examples }) => examples);
  return [...inComments, ...onPages].map((example) => exampleModule(example, origins));
}

/** What is missing: public names without a doc comment, or without an example that is theirs or that they link to. */
export function missingExamples(): string[] {
  const shown = shownNames();
  return publicExamples.flatMap(({ name }) => {
    if (name.home?.declaration.doc === undefined) return `${described(name)} has no doc comment`;
    if (shown.has(name.name)) return [];
    return `${described(name)} has no example${name.typeOnly ? ", and links to no name that has one" : ""}`;
  });
}

/** The names that have an example, and the types that lead to one of them by their links. */
function shownNames(): Set<string> {
  const shown = new Set(publicExamples.filter(({ examples }) => examples.length > 0).map(({ name }) => name.name));
  for (let before = -1; before < shown.size;) {
    before = shown.size;
    for (const { name } of publicExamples) {
      const doc = name.home?.declaration.doc?.value ?? "";
      const links = [...doc.matchAll(/\{@link (\w+)/gu)].map(([, target = ""]) => target);
      if (name.typeOnly && links.some((target) => shown.has(target))) shown.add(name.name);
    }
  }
  return shown;
}

function described({ entry, name, home }: PublicName): string {
  return `${home === undefined ? "" : `${path.relative(root, home.module.file)}: `}${name} of ${entry}`;
}
