import * as fc from "fast-check";
import { Lock, select } from "tsyncio";
import type { Pair, Players } from "./lockstep.ts";

export type LockCommand =
  | { readonly do: "acquire"; readonly by: "acquire" | "select" }
  | { readonly do: "try" }
  | { readonly do: "release" }
  | { readonly do: "release the lease of"; readonly which: number };

export const lockCommands: fc.Arbitrary<LockCommand> = fc.oneof(
  fc.record({ do: fc.constant("acquire" as const), by: fc.constantFrom("acquire" as const, "select" as const) }),
  fc.constantFrom({ do: "try" as const }, { do: "release" as const }),
  fc.record({ do: fc.constant("release the lease of" as const), which: fc.nat({ max: 40 }) }),
);

/** A lock, and what is expected of it: the holder, and those who wait, in order. */
export class LockPair implements Pair<LockCommand> {
  readonly lock = new Lock();
  private holder: number | null = null;
  private line: number[] = [];

  play(command: LockCommand, players: Players): void {
    switch (command.do) {
      case "acquire": {
        const { by } = command;
        const player = players.ask(() =>
          by === "acquire" ? this.lock.acquire() : select({ lock: this.lock.acquiring() }).then(({ value }) => value),
        );
        this.line.push(player);
        if (this.holder === null) this.handOver(players);
        return;
      }
      case "try": {
        const player = players.ask(() => this.lock.tryAcquire());
        const free = this.holder === null;
        if (free) this.holder = player;
        players.give(player, free ? { release: true } : undefined);
        return;
      }
      case "release": {
        const player = players.ask(() => this.lock.release());
        if (this.holder === null) players.refuse(player, "InvalidStateError");
        else {
          players.give(player, undefined);
          this.handOver(players);
        }
        return;
      }
      case "release the lease of": {
        const player = players.pick(command.which);
        if (player === undefined) return;
        const lease = players.leaseOf(player);
        lease?.release();
        if (lease !== undefined && this.holder === player) this.handOver(players);
      }
    }
  }

  private handOver(players: Players): void {
    this.holder = this.line.shift() ?? null;
    if (this.holder !== null) players.give(this.holder, { release: true });
  }

  leave(player: number): void {
    this.line = this.line.filter((other) => other !== player);
  }

  real(): unknown {
    return { ...this.lock.statistics(), held: this.lock.locked() };
  }

  expected(): unknown {
    const locked = this.holder !== null;
    return { locked, waiting: this.line.length, held: locked };
  }

  waiting(): number {
    return this.lock.statistics().waiting;
  }
}
