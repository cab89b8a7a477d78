import * as fc from "fast-check";
import { Condition, Lock } from "tsyncio";
import type { Pair, Players } from "./lockstep.ts";

export type ConditionCommand =
  | { readonly do: "acquire" | "release" }
  | { readonly do: "wait" | "notify all"; readonly on: number }
  | { readonly do: "notify"; readonly on: number; readonly count: number };

const on = fc.nat({ max: 1 });

export const conditionCommands: fc.Arbitrary<ConditionCommand> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("acquire" as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("wait" as const), on }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("notify" as const), on, count: fc.nat({ max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("notify all" as const), on }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("release" as const) }) },
);

/** Somebody in the line of the lock. Those who come from a condition stay in it also when they are cancelled. */
interface Claim {
  readonly player: number;
  readonly comesFrom: number | null;
  cancelled: boolean;
}

/**
 * Two conditions that share a lock, and what is expected of them. A player who waits takes the lock, if it is free, and
 * waits; when the wait is over, also by a cancellation, it holds the lock until a command gives that back. All have to
 * come to rest after each command, because one that is notified and cancelled notices only when it has the lock.
 */
export class ConditionPair implements Pair<ConditionCommand> {
  private readonly lock = new Lock();
  private readonly conditions = [new Condition(this.lock), new Condition(this.lock)] as const;
  private holder: number | null = null;
  private readonly lines: [number[], number[]] = [[], []];
  private claims: Claim[] = [];

  play(command: ConditionCommand, players: Players): void {
    switch (command.do) {
      case "acquire": {
        const player = players.ask(async () => {
          await this.lock.acquire();
        });
        this.claim({ player, comesFrom: null, cancelled: false }, players);
        return;
      }
      case "wait":
        this.wait(command.on, players);
        return;
      case "notify":
      case "notify all": {
        const count = command.do === "notify" ? command.count : Number.POSITIVE_INFINITY;
        const condition = this.conditions[command.on as 0 | 1];
        const player = players.ask(() => (command.do === "notify" ? condition.notify(count) : condition.notifyAll()));
        if (this.holder === null) players.refuse(player, "InvalidStateError");
        else {
          players.give(player, undefined);
          this.notify(command.on, count, players);
        }
        return;
      }
      case "release":
        if (this.holder === null) return;
        this.lock.release();
        this.holder = null;
        this.serve(players);
    }
  }

  private wait(on: number, players: Players): void {
    const player = players.ask(async () => {
      if (this.lock.tryAcquire() === undefined) return "busy";
      await this.conditions[on as 0 | 1].wait();
      return "notified";
    });
    if (this.holder !== null) players.give(player, "busy");
    else {
      this.lines[on as 0 | 1].push(player);
      this.serve(players);
    }
  }

  private notify(on: number, count: number, players: Players): void {
    for (const player of this.lines[on as 0 | 1].splice(0, Math.min(count, 40))) {
      this.claim({ player, comesFrom: on, cancelled: false }, players);
    }
  }

  private claim(claim: Claim, players: Players): void {
    this.claims.push(claim);
    this.serve(players);
  }

  private serve(players: Players): void {
    if (this.holder !== null) return;
    const claim = this.claims.shift();
    if (claim === undefined) return;
    this.holder = claim.player;
    if (!claim.cancelled) players.give(claim.player, claim.comesFrom === null ? undefined : "notified");
    else {
      players.refuse(claim.player, "CancelledError");
      // It was notified for nothing, so the next one is.
      if (claim.comesFrom !== null) this.notify(claim.comesFrom, 1, players);
    }
  }

  /** A cancelled player that has to take the lock back stays; it is not done yet. */
  cancel(player: number, players: Players): boolean {
    const claim = this.claims.find((each) => each.player === player);
    if (claim !== undefined && (claim.comesFrom !== null || claim.cancelled)) {
      claim.cancelled = true;
      return true;
    }
    for (const line of this.lines) {
      const place = line.indexOf(player);
      if (place < 0) continue;
      line.splice(place, 1);
      this.claim({ player, comesFrom: null, cancelled: true }, players);
      return true;
    }
    return false;
  }

  async end(players: Players): Promise<void> {
    while (this.lock.locked()) {
      this.lock.release();
      this.holder = null;
      this.serve(players);
      await players.rest();
    }
  }

  leave(player: number): void {
    this.claims = this.claims.filter((claim) => claim.player !== player);
  }

  real(): unknown {
    return this.conditions.map((condition) => condition.statistics());
  }

  expected(): unknown {
    const common = { locked: this.holder !== null, waitingForLock: this.claims.length };
    return this.lines.map((line) => ({ ...common, waiting: line.length }));
  }

  waiting(): number {
    return this.conditions[0].statistics().waiting + this.conditions[1].statistics().waiting;
  }
}
