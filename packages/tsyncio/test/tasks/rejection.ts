import assert from "node:assert/strict";

/** What a promise is rejected with; fails if it is not. */
export async function rejection(promise: PromiseLike<unknown>): Promise<unknown> {
  let value: unknown;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  return assert.fail(`resolved to ${String(value)}, expected a rejection`);
}
