import assert from "node:assert/strict";
import * as fc from "fast-check";
import { BoundedSemaphore, InvalidStateError, select, Semaphore } from "tsyncio";
import type { Pair, Players } from "./lockstep.ts";

export type SemaphoreCommand =
  | { readonly do: "acquire"; readonly permits: number; readonly by: "acquire" | "select" | "try" }
  | { readonly do: "release"; readonly permits: number }
  | { readonly do: "release the lease of"; readonly which: number };

const permits = fc.integer({ min: 1, max: 3 });

export const semaphoreCommands: fc.Arbitrary<SemaphoreCommand> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant("acquire" as const),
      permits,
      by: fc.constantFrom("acquire" as const, "select" as const, "try" as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("release" as const), permits }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant("release the lease of" as const), which: fc.nat({ max: 40 }) }),
  },
);

interface Place {
  readonly player: number;
  readonly permits: number;
}

/** A semaphore, bounded or not, and what is expected of it: the free permits, and who wants how many, in order. */
export class SemaphorePair implements Pair<SemaphoreCommand> {
  private readonly semaphore: Semaphore;
  private readonly bound: number;
  private free: number;
  private line: Place[] = [];
  private readonly held = new Map<number, number>();

  constructor(permits: number, bounded: boolean) {
    this.semaphore = bounded ? new BoundedSemaphore(permits) : new Semaphore(permits);
    this.bound = bounded ? permits : Number.POSITIVE_INFINITY;
    this.free = permits;
  }

  play(command: SemaphoreCommand, players: Players): void {
    switch (command.do) {
      case "acquire":
        this.acquire(command.permits, command.by, players);
        return;
      case "release": {
        const player = players.ask(() => this.semaphore.release(command.permits));
        if (this.free + command.permits > this.bound) players.refuse(player, "InvalidStateError");
        else {
          players.give(player, undefined);
          this.free += command.permits;
          this.serve(players);
        }
        return;
      }
      case "release the lease of": {
        const player = players.pick(command.which);
        const lease = player === undefined ? undefined : players.leaseOf(player);
        if (player === undefined || lease === undefined) return;
        const back = this.held.get(player) ?? 0;
        this.held.delete(player);
        if (this.free + back > this.bound) {
          // Too many were given back without a lease before; this one is void all the same.
          assert.throws(() => lease.release(), InvalidStateError);
          return;
        }
        lease.release();
        this.free += back;
        if (back > 0) this.serve(players);
      }
    }
  }

  private acquire(permits: number, by: "acquire" | "select" | "try", players: Players): void {
    const player = players.ask(() => {
      if (by === "acquire") return this.semaphore.acquire(permits);
      if (by === "try") return this.semaphore.tryAcquire(permits);
      return select({ it: this.semaphore.acquiring(permits) }).then(({ value }) => value);
    });
    if (permits > this.bound) players.refuse(player, "RangeError");
    else if (by === "try" && (this.line.length > 0 || permits > this.free)) players.give(player, undefined);
    else {
      this.line.push({ player, permits });
      this.serve(players);
    }
  }

  private serve(players: Players): void {
    for (let [first] = this.line; first !== undefined && first.permits <= this.free; [first] = this.line) {
      this.free -= first.permits;
      this.held.set(first.player, first.permits);
      this.line.shift();
      players.give(first.player, { release: true });
    }
  }

  leave(player: number, players: Players): void {
    const before = this.line.length;
    this.line = this.line.filter((place) => place.player !== player);
    if (this.line.length < before) this.serve(players);
  }

  real(): unknown {
    return { ...this.semaphore.statistics(), locked: this.semaphore.locked() };
  }

  expected(): unknown {
    return { free: this.free, waiting: this.line.length, locked: this.line.length > 0 || this.free < 1 };
  }

  waiting(): number {
    return this.semaphore.statistics().waiting;
  }
}
