const key = Symbol.for("tsyncio.debugging.1");

/**
 * How many loops are in debug mode, shared by all copies of tsyncio. For what is made without a loop at hand, futures and
 * coroutines: where this is zero, they need not look for one.
 */
export const debugging: { loops: number } = shared();

function shared(): { loops: number } {
  const holder = globalThis as { [key]?: { loops: number } };
  return (holder[key] ??= { loops: 0 });
}
