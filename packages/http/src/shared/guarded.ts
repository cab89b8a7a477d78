/**
 * Calls a function of the user's where nobody is there to catch: what it throws goes to `failed`, also if it comes later,
 * as the rejection of a promise that nobody asked for.
 */
export function guarded(call: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = call();
    if (result instanceof Promise) result.catch(failed);
  } catch (error) {
    failed(error);
  }
}
