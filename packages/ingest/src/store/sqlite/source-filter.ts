import type { DatabaseSync } from "node:sqlite";
import picomatch from "picomatch";
import type { SearchFilter } from "../../model/interfaces.ts";

/** A condition on the id of a chunk, and the values of its parameters. */
export interface FilterClause {
  /** Begins with "and", or is empty. */
  readonly sql: string;
  readonly values: readonly string[];
}

/** Makes `source_matches(pattern, source)` known to the database. */
export function defineSourceMatches(database: DatabaseSync): void {
  let matcher = { pattern: "", matches: sourceMatcher("") };
  database.function("source_matches", { deterministic: true }, (pattern, source) => {
    if (matcher.pattern !== pattern) matcher = { pattern: String(pattern), matches: sourceMatcher(String(pattern)) };
    return matcher.matches(String(source)) ? 1 : 0;
  });
}

/** Restricts `column`, which holds ids of chunks, to the documents that the filter lets through. */
export function filterClause(column: string, filter: SearchFilter | undefined): FilterClause {
  const conditions: string[] = [];
  const values: string[] = [];
  if (filter?.source !== undefined && filter.source !== "") {
    conditions.push("source_matches(?, documents.source)");
    values.push(filter.source);
  }
  if (filter?.mediaType !== undefined) {
    conditions.push("documents.media_type = ?");
    values.push(filter.mediaType);
  }
  if (conditions.length === 0) return { sql: "", values };
  const chunks = `select chunks.id from documents join chunks on chunks.document = documents.id where ${conditions.join(" and ")}`;
  return { sql: `and ${column} in (${chunks})`, values };
}

/** A pattern matches as a literal prefix always (a path may hold brackets), and as a glob if it is one. */
export function sourceMatcher(pattern: string): (source: string) => boolean {
  const isPrefix = (source: string): boolean => source.startsWith(pattern);
  if (!picomatch.scan(pattern).isGlob) return isPrefix;
  const isMatch = picomatch(pattern, { dot: true });
  return (source) => isPrefix(source) || isMatch(source);
}
