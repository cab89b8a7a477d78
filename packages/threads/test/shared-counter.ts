import { setImmediate } from "node:timers/promises";

/** Two cells that all threads see. */
export function sharedCounter(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(8));
}

/** Waits until a cell is no longer zero; or until a condition holds, looking once a turn of the loop. */
export async function changed(
  counter: Int32Array | undefined,
  cell: number,
  holds: () => boolean = () => counter !== undefined && Atomics.load(counter, cell) !== 0,
): Promise<void> {
  while (!holds()) await setImmediate();
}
