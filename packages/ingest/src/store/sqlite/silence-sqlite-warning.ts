/**
 * Node 24 warns, on the first import of node:sqlite, that it is experimental. That is this package's decision, and no
 * business of its users. Only this warning is dropped, and only in the calling thread.
 */
export function silenceSqliteWarning(): void {
  const emitWarning = process.emitWarning.bind(process) as (...args: readonly unknown[]) => void;
  process.emitWarning = (warning: string | Error, ...rest: readonly unknown[]): void => {
    if (rest[0] === "ExperimentalWarning" && String(warning).includes("SQLite")) return;
    emitWarning(warning, ...rest);
  };
}
