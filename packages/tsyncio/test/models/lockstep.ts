import assert from "node:assert/strict";
import * as fc from "fast-check";
import { createTask, type Lease, type Task } from "tsyncio";
import { waitAllTasksBlocked } from "tsyncio/testing";
import { explored } from "./explored.ts";

/**
 * # A primitive and a model of it, in lockstep
 *
 * What a primitive does for those who wait is decided at once, in the call that puts, gives back or cancels: whoever was
 * served first has what it was given, however the wake-ups are ordered afterwards. So it can be compared, command for
 * command, with a model so naive that one can see that it is right: arrays, searched from the front.
 *
 * A {@link Pair} is a real primitive and its model. Its commands are played on both; each command that may wait is a new
 * *player*, a task of its own, and cancelling a player is a command too. Whenever everybody has come to rest, and in the
 * end, what became of each player and what the primitive says of itself must be the same on both sides. In between,
 * commands follow each other without a pause, so cancellations meet wake-ups that are still under way. In the end all
 * are cancelled, and nobody may be left in a line.
 */
export interface Pair<C> {
  /** Plays a command on both sides. */
  play(command: C, players: Players): void;
  /**
   * The model: a player is cancelled, and this pair sees to what follows. Returns false if it has nothing to say; then
   * the player is out at once, as it mostly is.
   */
  cancel?(player: number, players: Players): boolean;
  /** Lets players go who cannot be cancelled at once. All others are cancelled already. */
  end?(players: Players): Promise<void>;
  /** The model: a player does not wait here any more, because it was served elsewhere or cancelled. */
  leave(player: number, players: Players): void;
  /** What the real one says of itself. */
  real(): unknown;
  /** What it should say. */
  expected(): unknown;
  /** How many wait in the real one. */
  waiting(): number;
}

/** What became of a player. */
type Fate = { readonly value: unknown } | { readonly error: string } | "waits";

/** Those who ask, on both sides. */
export class Players {
  private readonly tasks: Task<unknown>[] = [];
  private readonly fates: Fate[] = [];
  private readonly pairs: readonly Pair<never>[];

  constructor(pairs: readonly Pair<never>[]) {
    this.pairs = pairs;
  }

  /** A new player asks the real primitive for something, at once; returns its number in the model. */
  ask(request: () => unknown): number {
    const task = createTask<unknown>(request, { eager: true });
    // What became of it is looked at in the comparison.
    task.addDoneCallback(() => {});
    this.tasks.push(task);
    return this.fates.push("waits") - 1;
  }

  /** The model: a player who waits gets a value. Returns false for one who does not wait. */
  give(player: number, value: unknown): boolean {
    return this.settle(player, { value: shown(value) });
  }

  /** The model: a player who waits gets an error. */
  refuse(player: number, error: string): boolean {
    return this.settle(player, { error });
  }

  private settle(player: number, fate: Fate): boolean {
    if (this.fates[player] !== "waits") return false;
    this.fates[player] = fate;
    for (const pair of this.pairs) pair.leave(player, this);
    return true;
  }

  /** One of the players, or undefined if there is none yet. */
  pick(number: number): number | undefined {
    return this.fates.length === 0 ? undefined : number % this.fates.length;
  }

  /** One of the players who wait, or undefined if nobody does. */
  pickWaiting(number: number): number | undefined {
    const waiting = [...this.fates.keys()].filter((player) => this.fates[player] === "waits");
    return waiting[number % Math.max(waiting.length, 1)];
  }

  /** What a player was given on both sides, if it was. */
  resultOf(player: number): unknown {
    const fate = this.fates[player];
    const task = this.tasks[player];
    return typeof fate === "object" && "value" in fate && task?.done() === true ? task.result() : undefined;
  }

  /** The lease that a player was given on both sides, if it was one. */
  leaseOf(player: number): Lease | undefined {
    const result = this.resultOf(player);
    return shown(result) === lease ? (result as Lease) : undefined;
  }

  /** Cancels a player on both sides. */
  cancel(player: number): void {
    this.tasks[player]?.cancel();
    if (this.fates[player] !== "waits") return;
    if (!this.pairs.some((pair) => pair.cancel?.(player, this) === true)) this.refuse(player, "CancelledError");
  }

  get count(): number {
    return this.fates.length;
  }

  /** Waits until everybody has come to rest. */
  async rest(): Promise<void> {
    await waitAllTasksBlocked();
  }

  /** Waits until everybody has come to rest, and compares. */
  async compare(): Promise<void> {
    await this.rest();
    assert.deepEqual(this.tasks.map(fateOf), this.fates, "somebody got something else than in the model");
    for (const pair of this.pairs) assert.deepEqual(pair.real(), pair.expected());
  }
}

function fateOf(task: Task<unknown>): Fate {
  if (!task.done()) return "waits";
  try {
    return { value: shown(task.result()) };
  } catch (error) {
    return { error: (error as Error).name };
  }
}

const lease = "a lease";

/** A value in a form that can be compared; all leases are alike. */
function shown(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if ("release" in value) return lease;
  if ("key" in value && "value" in value) return { key: value.key, value: shown(value.value) };
  return value;
}

type Move<C> =
  | { readonly kind: "play"; readonly command: C }
  | { readonly kind: "cancel"; readonly which: number; readonly waits: boolean }
  | { readonly kind: "rest" };

/** What is explored: a pair for each setup, and the commands that it understands. */
export interface Exploration<S, C> {
  readonly runs: number;
  readonly setup: fc.Arbitrary<S>;
  readonly commands: fc.Arbitrary<C>;
  make(setup: S): Pair<C> | readonly Pair<C>[];
  /** Whether all come to rest after each command: for what is decided only when a player goes on. Default: false. */
  readonly restAlways?: boolean;
}

/** Plays generated commands on pairs, in lockstep. Of several pairs, each gets every command and knows its own. */
export async function lockstep<S, C>({
  runs,
  setup,
  commands,
  make,
  restAlways = false,
}: Exploration<S, C>): Promise<void> {
  const mostly = fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) });
  const move = fc.oneof(
    { weight: 8, arbitrary: fc.record({ kind: fc.constant("play" as const), command: commands }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("cancel" as const), which: fc.nat({ max: 40 }), waits: mostly }),
    },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("rest" as const) }) },
  );
  // By default, arrays are generated far shorter than they may be.
  const moves = fc.array<Move<C>>(move, { maxLength: 40, size: "max" });
  await explored(runs, fc.tuple(setup, moves), async ([given, script]) => {
    const made = make(given);
    const pairs = Array.isArray(made) ? (made as readonly Pair<C>[]) : [made as Pair<C>];
    const players = new Players(pairs);
    try {
      for (const each of script) {
        if (each.kind === "play") for (const pair of pairs) pair.play(each.command, players);
        else if (each.kind === "cancel") {
          const player = each.waits ? players.pickWaiting(each.which) : players.pick(each.which);
          if (player !== undefined) players.cancel(player);
        }
        if (each.kind === "rest" || restAlways) await players.compare();
      }
      await players.compare();
    } finally {
      for (let player = 0; player < players.count; player += 1) {
        players.cancel(player);
        if (restAlways) await players.rest();
      }
      for (const pair of pairs) await pair.end?.(players);
    }
    await players.compare();
    for (const pair of pairs) assert.equal(pair.waiting(), 0, "somebody who was cancelled is still in a line");
  });
}
