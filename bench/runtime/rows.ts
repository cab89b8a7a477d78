import { cells, type CellName } from "./cells.ts";
import type { Contender } from "./contenders.ts";
import { runCommand } from "./run-command.ts";

export type Unit = "us" | "ms" | "bytes";

/** What several processes measured of one contender in one cell, for each operation. */
export interface Row {
  readonly contender: string;
  readonly median: number;
  readonly least: number;
  readonly greatest: number;
  /** How many times as much one of ten times as many operations costs: 1 is linear. */
  readonly growth: number | null;
}

/** A cell and its rows, in the order of the contenders. `late`: who was not ready in time. */
export interface Section {
  readonly cell: string;
  readonly title: string;
  readonly unit: Unit;
  readonly rows: readonly Row[];
  readonly late: readonly string[];
}

/** How thoroughly is measured. */
export interface Effort {
  /** How many fresh processes for each contender and cell. */
  readonly rounds: number;
  /** How often a cell is repeated in one process; the first half is not counted, while the compiler warms up. */
  readonly repeats: number;
  /** How many processes for the other number of operations. */
  readonly growthRounds: number;
}

/** Measures a cell: the contenders take turns, so that what disturbs the machine disturbs all of them alike. */
export async function measureCell(cell: CellName, contenders: readonly Contender[], effort: Effort): Promise<Section> {
  const { title, unit, n, other } = cells[cell];
  const repeats = unit === "us" ? effort.repeats : 1;
  const partakers = contenders.filter((contender) => contender.cells.includes(cell));
  const main = await inTurns(partakers, effort.rounds, (contender) => costOfOne(contender, cell, n, repeats));
  const ready = partakers.filter((contender) => main.has(contender));
  const others = await inTurns(ready, effort.growthRounds, (contender) => costOfOne(contender, cell, other, repeats));
  const growth = (contender: Contender): number | null => {
    const [atN, atOther] = [main, others].map((costs) => median(costs.get(contender) ?? []));
    if (atN === undefined || atOther === undefined) return null;
    return other > n ? atOther / atN : atN / atOther;
  };
  return {
    cell,
    title,
    unit,
    rows: ready.map((contender) => summarise(contender, main.get(contender) ?? [], growth(contender))),
    late: partakers.filter((contender) => !main.has(contender)).map((contender) => contender.title),
  };
}

/** Measures something that is one number for each process. */
export async function measureOnce(
  cell: string,
  title: string,
  contenders: readonly Contender[],
  rounds: number,
  measure: (contender: Contender) => Promise<number | null>,
): Promise<Section> {
  const figures = await inTurns(contenders, rounds, measure);
  const rows = [...figures].map(([contender, values]) => summarise(contender, values, null));
  return { cell, title, unit: "ms", rows, late: [] };
}

/** All figures of each contender; one that is late once is not asked again, and has none. */
async function inTurns(
  contenders: readonly Contender[],
  rounds: number,
  measure: (contender: Contender) => Promise<number | null>,
): Promise<Map<Contender, number[]>> {
  const figures = new Map(contenders.map((contender) => [contender, [] as number[]]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [contender, values] of figures) {
      const value = await measure(contender);
      if (value === null) figures.delete(contender);
      else values.push(value);
    }
  }
  return figures;
}

/** In microseconds or bytes: the median of the second half of the repeats. */
async function costOfOne(contender: Contender, cell: CellName, n: number, repeats: number): Promise<number | null> {
  const ended = await runCommand(contender.measure(cell, n, repeats));
  if (ended === null) return null;
  const totals = JSON.parse(ended.output) as number[];
  const perOperation = median(totals.slice(totals.length >> 1)) ?? Number.NaN;
  return (perOperation * (cells[cell].unit === "us" ? 1_000 : 1)) / n;
}

function summarise(contender: Contender, values: readonly number[], growth: number | null): Row {
  return {
    contender: contender.title,
    median: median(values) ?? Number.NaN,
    least: Math.min(...values),
    greatest: Math.max(...values),
    growth,
  };
}

function median(values: readonly number[]): number | undefined {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}
