/** The numbers from 0 on. */
export function numbers(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index);
}

/** To await it is to let others run once. */
export const settled = Promise.resolve();

/** The work of one call: to let others run once. */
export async function yieldOnce<T>(value: T): Promise<T> {
  await settled;
  return value;
}

/** How many results are there, and in their places. */
export function countInOrder(results: readonly unknown[]): number {
  return results.filter((result, index) => result === index).length;
}
