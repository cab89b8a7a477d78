import * as fc from "fast-check";
import { Future, limiter } from "tsyncio";
import type { Pair, Players } from "./lockstep.ts";

export type LimiterCommand =
  | { readonly do: "call" | "pause" | "resume" | "clear" | "idle" }
  | { readonly do: "finish"; readonly which: number }
  | { readonly do: "concurrency"; readonly count: number };

export const limiterCommands: fc.Arbitrary<LimiterCommand> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant("call" as const) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("finish" as const), which: fc.nat({ max: 9 }) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("pause" as const, "resume" as const, "resume" as const, "clear" as const, "idle" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("concurrency" as const), count: fc.integer({ min: 1, max: 4 }) }),
  },
);

const ascending = (a: number, b: number): number => a - b;

/**
 * A limiter, and what is expected of it. A call runs until a command lets it finish, so all have to come to rest after
 * each command. Those who are let in together begin in any order.
 */
export class LimiterPair implements Pair<LimiterCommand> {
  private readonly limit: ReturnType<typeof limiter>;
  private readonly gates: Map<number, Future<number>> = new Map();
  private readonly started: number[] = [];
  private readonly expectedStarts: number[] = [];
  private concurrency: number;
  private paused = false;
  private running: number[] = [];
  private line: number[] = [];
  private idlers: number[] = [];

  constructor(concurrency: number) {
    this.limit = limiter(concurrency);
    this.concurrency = concurrency;
  }

  play(command: LimiterCommand, players: Players): void {
    switch (command.do) {
      case "call":
        return this.call(players);
      case "finish": {
        const player = this.running[command.which % Math.max(this.running.length, 1)];
        if (player === undefined) return;
        this.gates.get(player)?.setResult(player);
        players.give(player, player);
        return;
      }
      case "pause":
        this.limit.pause();
        this.paused = true;
        return;
      case "resume":
        this.limit.resume();
        this.paused = false;
        return this.serve(players);
      case "clear":
        this.limit.clear();
        for (const player of this.line) players.refuse(player, "CancelledError");
        return this.serve(players);
      case "concurrency":
        this.limit.concurrency = command.count;
        this.concurrency = command.count;
        return this.serve(players);
      case "idle":
        this.idlers.push(players.ask(() => this.limit.onIdle()));
        this.serve(players);
    }
  }

  private call(players: Players): void {
    const gate = new Future<number>();
    const player: number = players.ask(() =>
      this.limit(() => {
        this.started.push(player);
        return gate.then();
      }),
    );
    this.gates.set(player, gate);
    this.line.push(player);
    this.serve(players);
  }

  private serve(players: Players): void {
    while (!this.paused && this.running.length < this.concurrency && this.line.length > 0) {
      const player = this.line.shift() as number;
      this.running.push(player);
      this.expectedStarts.push(player);
    }
    if (this.running.length > 0 || this.line.length > 0) return;
    for (const player of this.idlers) players.give(player, undefined);
  }

  leave(player: number, players: Players): void {
    const others = (line: readonly number[]): number[] => line.filter((other) => other !== player);
    this.running = others(this.running);
    this.line = others(this.line);
    this.idlers = others(this.idlers);
    this.serve(players);
  }

  real(): unknown {
    const { activeCount, pendingCount, concurrency, paused } = this.limit;
    return { activeCount, pendingCount, concurrency, paused, started: this.started.toSorted(ascending) };
  }

  expected(): unknown {
    return {
      activeCount: this.running.length,
      pendingCount: this.line.length,
      concurrency: this.concurrency,
      paused: this.paused,
      started: this.expectedStarts.toSorted(ascending),
    };
  }

  waiting(): number {
    return this.limit.activeCount + this.limit.pendingCount;
  }
}
