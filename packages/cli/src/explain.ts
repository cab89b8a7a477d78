/** An error in one or a few lines, for people; with `TSYNCIO_DEBUG=1` the whole of it. */
export function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (process.env["TSYNCIO_DEBUG"] === "1") return error.stack ?? error.message;
  const lines = [error.message];
  if (error instanceof AggregateError) lines.push(...error.errors.map((one) => `  ${explain(one)}`));
  for (const other of othersOf(error)) lines.push(`  also: ${other instanceof Error ? other.message : String(other)}`);
  return lines.join("\n");
}

function othersOf(error: Error): readonly unknown[] {
  const { suppressed } = error as { suppressed?: unknown };
  return Array.isArray(suppressed) ? suppressed : [];
}
