/**
 * `npm run bench -- NAME [ARGUMENT…]`: one folder a benchmark, each with a `main(argv)` that prints a table.
 * Without a name, all of them.
 */
const benchmarks = ["ingest", "quality", "runtime"] as const;

const [name, ...argv] = process.argv.slice(2);
const chosen = name === undefined ? benchmarks : benchmarks.filter((benchmark) => benchmark === name);
if (chosen.length === 0) {
  console.error(`There is no benchmark ${JSON.stringify(name)}; there are ${benchmarks.join(", ")}.`);
  process.exitCode = 2;
}
for (const benchmark of chosen) {
  const { main } = (await import(`./${benchmark}/main.ts`)) as { readonly main: (argv: string[]) => Promise<void> };
  await main(argv);
}
