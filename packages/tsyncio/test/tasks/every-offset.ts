import { explore } from "../../src/testing.ts";
import { microtasks } from "../sync/turn.ts";

/** Acts when this many microtasks have gone by; at zero, at once. */
export async function afterTicks(count: number, act: () => unknown): Promise<void> {
  if (count > 0) await microtasks(count);
  act();
}

/** How thoroughly a race is run. */
export interface RaceOptions {
  /** The distances are 0, 1, 2… microtasks, this many of them. */
  readonly offsets?: number;
  /** In how many orders of a simulation each is run, besides once on Node's loop. */
  readonly runs?: number;
}

/**
 * Runs a race of two events again and again, with each distance in microtasks between them: on Node's loop, where
 * wake-ups are microtasks too, and in many orders of a simulated one.
 */
export async function atEveryOffset(
  race: (offset: number) => Promise<void>,
  { offsets = 12, runs = 20 }: RaceOptions = {},
): Promise<void> {
  const all = async (): Promise<void> => {
    for (let offset = 0; offset < offsets; offset += 1) await race(offset);
  };
  await all();
  await explore(all, { runs });
}
