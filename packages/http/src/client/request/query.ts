/** Query parameters. `undefined` leaves a parameter out. */
export type QueryInput =
  | Readonly<Record<string, string | number | boolean | readonly (string | number)[] | undefined>>
  | URLSearchParams;

/** A parameter of a later query replaces all of that name in the earlier ones. */
export function mergeQueries(queries: readonly (QueryInput | undefined)[]): Map<string, string[]> {
  const merged = new Map<string, string[]>();
  for (const query of queries) {
    if (query === undefined) continue;
    const fresh = new Map<string, string[]>();
    for (const [name, value] of query instanceof URLSearchParams ? query : Object.entries(query)) {
      const values = value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);
      fresh.set(name, [...(fresh.get(name) ?? []), ...values]);
    }
    for (const [name, values] of fresh) merged.set(name, values);
  }
  return merged;
}
