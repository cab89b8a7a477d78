import * as fc from "fast-check";
import { Barrier } from "tsyncio";
import type { Pair, Players } from "./lockstep.ts";

export type BarrierCommand = "wait" | "reset" | "abort";

export const barrierCommands: fc.Arbitrary<BarrierCommand> = fc.oneof(
  { weight: 8, arbitrary: fc.constant("wait" as const) },
  { weight: 1, arbitrary: fc.constantFrom("reset" as const, "abort" as const) },
);

/** A barrier, and what is expected of it: those who wait, in order, and whether it is broken. */
export class BarrierPair implements Pair<BarrierCommand> {
  private readonly barrier: Barrier;
  private readonly parties: number;
  private line: number[] = [];
  private broken = false;

  constructor(parties: number) {
    this.barrier = new Barrier(parties);
    this.parties = parties;
  }

  play(command: BarrierCommand, players: Players): void {
    if (command === "wait") {
      const player = players.ask(() => this.barrier.wait());
      if (this.broken) players.refuse(player, "BrokenBarrierError");
      else if (this.line.push(player) === this.parties) {
        for (const [position, each] of [...this.line].entries()) players.give(each, position);
      }
      return;
    }
    if (command === "reset") this.barrier.reset();
    else this.barrier.abort();
    this.broken = command === "abort";
    for (const player of this.line) players.refuse(player, "BrokenBarrierError");
  }

  leave(player: number): void {
    this.line = this.line.filter((other) => other !== player);
  }

  real(): unknown {
    return this.barrier.statistics();
  }

  expected(): unknown {
    return { parties: this.parties, waiting: this.line.length, broken: this.broken };
  }

  waiting(): number {
    return this.barrier.waiting;
  }
}
