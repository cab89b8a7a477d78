import * as fc from "fast-check";
import { Future, select, wait } from "tsyncio";
import type { Pair, Players } from "./lockstep.ts";

export type FutureCommand =
  | { readonly do: "add" | "remove"; readonly callback: number }
  | { readonly do: "await" | "select" | "wait" | "set the result" | "set the exception" | "cancel" };

const callback = fc.nat({ max: 2 });

export const futureCommands: fc.Arbitrary<FutureCommand> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("add" as const), callback }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("remove" as const), callback }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom("await" as const, "select" as const, "wait" as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constantFrom("set the result" as const, "set the exception" as const, "cancel" as const),
    }),
  },
);

type Outcome = { readonly value: number } | { readonly error: string };

/** A future, and what is expected of it: its outcome, those who wait, and the callbacks that are still to be called. */
export class FuturePair implements Pair<FutureCommand> {
  private readonly future = new Future<number>({ name: "explored" });
  private readonly calls: number[] = [];
  private readonly callbacks = [0, 1, 2].map((id) => (): void => void this.calls.push(id));
  private outcome: Outcome | null = null;
  private waiters: { readonly player: number; readonly takesResult: boolean }[] = [];
  private registered: number[] = [];
  private readonly expectedCalls: number[] = [];

  play(command: FutureCommand, players: Players): void {
    switch (command.do) {
      case "add":
        this.future.addDoneCallback(this.callbacks[command.callback] as () => void);
        this.registered.push(command.callback);
        return;
      case "remove": {
        const removed = this.registered.filter((id) => id === command.callback).length;
        const player = players.ask(() =>
          this.future.removeDoneCallback(this.callbacks[command.callback] as () => void),
        );
        players.give(player, removed);
        this.registered = this.registered.filter((id) => id !== command.callback);
        return;
      }
      case "await":
      case "select":
        return this.await(command.do, players);
      case "wait": {
        const player = players.ask(() => wait([this.future]).then(({ done }) => done.size));
        this.waiters.push({ player, takesResult: false });
        return this.serve(players);
      }
      case "set the result":
        return this.settle(() => this.future.setResult(7), { value: 7 }, players);
      case "set the exception":
        return this.settle(() => this.future.setException(new RangeError("no")), { error: "RangeError" }, players);
      case "cancel":
        this.future.cancel();
        this.outcome ??= { error: "CancelledError" };
        this.serve(players);
    }
  }

  private await(how: "await" | "select", players: Players): void {
    const player = players.ask(() =>
      how === "await" ? this.future.then() : select({ it: this.future }).then(({ value }) => value),
    );
    this.waiters.push({ player, takesResult: true });
    this.serve(players);
  }

  private settle(set: () => void, outcome: Outcome, players: Players): void {
    const player = players.ask(set);
    if (this.outcome !== null) players.refuse(player, "InvalidStateError");
    else {
      players.give(player, undefined);
      this.outcome = outcome;
      this.serve(players);
    }
  }

  private serve(players: Players): void {
    const { outcome } = this;
    if (outcome === null) return;
    for (const { player, takesResult } of this.waiters) {
      if (!takesResult) players.give(player, 1);
      else if ("value" in outcome) players.give(player, outcome.value);
      else players.refuse(player, outcome.error);
    }
  }

  leave(player: number): void {
    this.waiters = this.waiters.filter((waiter) => waiter.player !== player);
  }

  real(): unknown {
    return { done: this.future.done(), calls: this.calls.toSorted((a, b) => a - b) };
  }

  /** Everybody is at rest, so what was to be called has been; in any order here, since a simulation shuffles wake-ups. */
  expected(): unknown {
    if (this.outcome !== null) this.expectedCalls.push(...this.registered.splice(0));
    return { done: this.outcome !== null, calls: this.expectedCalls.toSorted((a, b) => a - b) };
  }

  waiting(): number {
    return 0;
  }
}
