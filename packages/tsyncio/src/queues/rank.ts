import { describeValue } from "../kernel/values.ts";

type RankKind = "number" | "string" | "date";

/** Compares two items that {@link expectRank} has let pass. */
export function compareRanks(a: unknown, b: unknown): number {
  const left = rankOf(a) as number;
  const right = rankOf(b) as number;
  return left < right ? -1 : Number(left > right);
}

/** What decides the place of an item in the absence of a comparator: the item, or the first element of a tuple. */
function rankOf(item: unknown): unknown {
  return Array.isArray(item) ? item[0] : item;
}

/**
 * Makes the check of one queue's items: it throws a TypeError for one that has no place in an order, or is of another
 * kind than those before it, for which `<` would give answers that contradict each other.
 */
export function expectRank(): (item: unknown) => void {
  let kind: RankKind | undefined;
  return (item) => {
    const rank = rankOf(item);
    const found = kindOf(rank);
    if (found === undefined) {
      throw new TypeError(
        "PriorityQueue: expected a number, bigint, string or date, or a tuple that begins with one, " +
          `got ${describeValue(rank)}; for other items pass { compare }`,
      );
    }
    kind ??= found;
    if (found !== kind) {
      throw new TypeError(`PriorityQueue: the items before are ordered as ${kind}s, got ${describeValue(rank)}`);
    }
  };
}

function kindOf(rank: unknown): RankKind | undefined {
  if (typeof rank === "bigint") return "number";
  if (typeof rank === "number") return Number.isNaN(rank) ? undefined : "number";
  if (typeof rank === "string") return "string";
  return rank instanceof Date && !Number.isNaN(rank.getTime()) ? "date" : undefined;
}
