import type { Behaviour, CpythonFile } from "./behaviour.ts";
import type { Citations } from "./citations.ts";

/** Where the page is. */
export const pageUrl: URL = new URL("../../docs/asyncio-behaviours.md", import.meta.url);

const introduction = `# asyncio's behaviours

<!-- made by scripts/sync-asyncio-behaviours.ts from packages/tsyncio/test/asyncio; edit it there -->

asyncio's meaning is written down in its tests, \`Lib/test/test_asyncio\` of CPython. Those whose subject exists here were
read (those of Python 3.13, and what 3.14 and 3.15 added), and each behaviour that they check was put into words of our
own; a test here holds it, and names CPython's in brackets at the end of its title:

    "a failure cancels the siblings … [test_taskgroups: test_taskgroup_04]"

**The same** means that asyncio's users meet what they know. **Adapted**: the intent is the same, but the surface is
another one, as JavaScript or our API has it. **Rewritten**: the rule is another one, on purpose; most often because a
cancellation stays in force until its scope is left (JavaScript's \`catch\` catches everything, so one that is delivered
once would be swallowed), because a \`gather\` leaves no orphans, or because tasks and futures belong to their owner and
not to whoever waits for them. **Left out**: there is nothing here that it could be about.
`;

const headings = [
  "CPython's file",
  "behaviours",
  "the same",
  "adapted",
  "rewritten",
  "left out",
  "tests there",
  "tests here",
] as const;

/** The whole page. */
export function renderPage(catalogue: readonly CpythonFile[], citations: Citations): string {
  const files = catalogue.toSorted((a, b) => a.name.localeCompare(b.name));
  const table = [
    `| ${headings.join(" | ")} |`,
    `|${headings.map((_heading, index) => (index === 0 ? "---" : "---:")).join("|")}|`,
    ...files.map(({ name, behaviours }) =>
      renderRow(`\`${name}\``, count(behaviours, citations.titles.get(name) ?? 0)),
    ),
    renderRow("**all**", totals(files, citations)),
  ];
  const differences = files.map(renderDifferences).filter((section) => section !== "");
  return [introduction, ...table, "", ...differences].join("\n");
}

function renderRow(name: string, numbers: readonly number[]): string {
  return `| ${name} | ${numbers.join(" | ")} |`;
}

function totals(files: readonly CpythonFile[], citations: Citations): readonly number[] {
  const rows = files.map(({ name, behaviours }) => count(behaviours, citations.titles.get(name) ?? 0));
  return headings.slice(1).map((_heading, column) => rows.reduce((sum, row) => sum + (row[column] as number), 0));
}

/** The numbers of one file, in the order of the headings. */
function count(behaviours: readonly Behaviour[], testsHere: number): readonly number[] {
  const of = (here: Behaviour["here"]): number => behaviours.filter((behaviour) => behaviour.here === here).length;
  const testsThere = new Set(behaviours.flatMap(({ tests }) => tests)).size;
  return [behaviours.length, of("same"), of("adapted"), of("rewritten"), of("left out"), testsThere, testsHere];
}

function renderDifferences({ name, behaviours }: CpythonFile): string {
  const sections = (["rewritten", "adapted", "left out"] as const).flatMap((here) => {
    const items = behaviours.filter((behaviour) => behaviour.here === here).map(renderItem);
    return items.length === 0 ? [] : [`### ${capitalised(here)}\n`, ...items, ""];
  });
  return sections.length === 0 ? "" : [`## \`${name}\`\n`, ...sections].join("\n");
}

function renderItem(behaviour: Behaviour): string {
  const names = behaviour.tests.map((name) => `\`${name}\``).join(", ");
  const reason = behaviour.here === "same" ? "" : ` *Why:* ${behaviour.reason}`;
  return `- ${behaviour.behaviour}${reason} (${names})`;
}

function capitalised(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
