import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cellNames, type CellName } from "./cells.ts";
import type { Contender } from "./contenders.ts";
import { type Effort, measureCell, measureOnce, type Section } from "./rows.ts";
import { runCommand } from "./run-command.ts";
import { toTable } from "./table.ts";

const help = `npm run bench -- runtime [--only CELL…] [--quick] [--json]

Measures tsyncio, as compiled for its users, beside bare Node, its peers and Python's asyncio, and prints one table: for
each cell and contender the cost of one operation (median and range over several fresh processes, which take turns), its
ratio to bare Node and to tsyncio, and how it grows when there are ten times as many (1.00: it does not).

  --only CELL  only this cell; may be given several times
  --quick      fewer processes and repeats: a first impression
  --json       all figures as JSON`;

const extraCells = ["start", "import", "size"] as const;
const thorough: Effort = { rounds: 5, repeats: 60, growthRounds: 3 };
const quick: Effort = { rounds: 2, repeats: 20, growthRounds: 1 };

export async function main(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      only: { type: "string", multiple: true },
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return;
  }
  const all: readonly string[] = [...cellNames, ...extraCells];
  const unknown = values.only?.find((cell) => !all.includes(cell));
  if (unknown !== undefined) {
    console.error(`There is no cell ${JSON.stringify(unknown)}; there are ${all.join(", ")}.`);
    process.exitCode = 2;
    return;
  }
  prepare();
  const wanted = all.filter((cell) => values.only === undefined || values.only.includes(cell));
  const { findContenders } = await import("./contenders.ts");
  const { contenders, missing } = await findContenders();
  for (const what of missing) console.error(`Not installed: ${what}.`);
  const sections: Section[] = [];
  for (const cell of wanted) {
    console.error(`measuring ${cell}…`);
    sections.push(...(await measure(cell, contenders, values.quick ? quick : thorough)));
  }
  const machine = `${cpus()[0]?.model ?? "unknown processor"}, ${cpus().length} cores`;
  const date = new Date().toISOString().slice(0, 10);
  if (values.json) {
    console.log(JSON.stringify({ date, machine, node: process.version, missing, sections }, undefined, 2));
    return;
  }
  console.log(`${date}, ${machine}, Node ${process.version}, load average ${loadavg()[0]?.toFixed(1)}\n`);
  console.log(toTable(sections));
}

async function measure(cell: string, contenders: readonly Contender[], effort: Effort): Promise<readonly Section[]> {
  const rounds = effort.rounds * 2;
  switch (cell) {
    case "start":
      return [
        await measureOnce(cell, "start, run an empty main, end", contenders, rounds, async ({ start }) => {
          const ended = await runCommand(start);
          return ended?.elapsed ?? null;
        }),
      ];
    case "import":
      return [
        await measureOnce(cell, "import", contenders, rounds, async ({ load }) => {
          const ended = load === null ? null : await runCommand(load);
          return ended === null ? null : Number(ended.output);
        }),
      ];
    case "size": {
      const { measureSizes } = await import("./bundle-size.ts");
      return measureSizes(contenders);
    }
    default:
      return [await measureCell(cell as CellName, contenders, effort)];
  }
}

/** Installs what is measured beside tsyncio, unless it is there, and compiles tsyncio, as a release would. */
function prepare(): void {
  const bench = fileURLToPath(new URL("..", import.meta.url));
  if (!existsSync(`${bench}/node_modules/effect`)) {
    console.error("Installing the contenders, once: npm ci --prefix bench");
    step("npm", ["ci", "--prefix", bench, "--no-audit", "--no-fund"]);
  }
  step("tsc", ["-b", fileURLToPath(new URL("../../packages/tsyncio/tsconfig.build.json", import.meta.url))]);
}

function step(program: string, args: readonly string[]): void {
  const { status, error } = spawnSync(program, args, {
    stdio: ["ignore", "ignore", "inherit"],
    shell: process.platform === "win32",
  });
  if (error !== undefined) throw error;
  if (status !== 0) throw new Error(`${program} ${args.join(" ")} ended with status ${status}`);
}
