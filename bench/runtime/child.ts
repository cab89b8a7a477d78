/**
 * One contender, one cell, in a process of its own: `node child.ts FILE CELL N REPEATS` does N operations, REPEATS times
 * over (fewer when that takes more than five seconds), and prints the totals as JSON.
 */
import type { CellName, Cells } from "./cells.ts";

const [file, name, count, repeats] = process.argv.slice(2) as [string, CellName, string, string];
const n = Number(count);

const module = (await import(file)) as { readonly cells: Cells };
const cell = module.cells[name];
if (cell === undefined) throw new Error(`${file} has nothing for the cell ${name}`);

const totals: number[] = [];
const start = performance.now();
while (totals.length < Number(repeats) && (totals.length === 0 || performance.now() - start < 5_000)) {
  const { done, total } = await cell(n);
  if (done !== n) throw new Error(`${file} did ${done} operations of ${n} in the cell ${name}`);
  totals.push(total);
}
// Some contenders leave sleepers that nobody can cancel, and that would hold the process.
process.stdout.write(JSON.stringify(totals), () => process.exit());
