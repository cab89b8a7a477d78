import * as fc from "fast-check";
import { Event, Future, type Lease, Lock, Queue, select, type Selectable, Semaphore } from "tsyncio";
import type { Pair, Players } from "./lockstep.ts";

const keys = ["a", "b", "room", "lock", "one", "two", "event", "future"] as const;

/** What can be selected: an item of two queues, room in a third, a lock, one or two permits, an event, a future. */
type Key = (typeof keys)[number];

export type SelectCommand =
  | { readonly do: "select"; readonly keys: readonly Key[] }
  | { readonly do: "put"; readonly into: "a" | "b" }
  | { readonly do: "take from the full" | "set" | "clear" | "set the result" | "add a permit" }
  | { readonly do: "release the lease of"; readonly which: number };

export const selectCommands: fc.Arbitrary<SelectCommand> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constant("select" as const),
      keys: fc.shuffledSubarray([...keys], { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant("put" as const), into: fc.constantFrom("a" as const, "b" as const) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "take from the full" as const,
        "set" as const,
        "clear" as const,
        "clear" as const,
        "add a permit" as const,
      ),
    }),
  },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("release the lease of" as const), which: fc.nat({ max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("set the result" as const) }) },
);

interface Chooser {
  readonly player: number;
  readonly keys: readonly Key[];
}

/**
 * All that can be selected, and what is expected of it: one array of those who choose, in the order of their coming. What
 * gets possible goes to the first in it who would take that; of what is possible at once, a newcomer takes what it names
 * first.
 */
export class SelectPair implements Pair<SelectCommand> {
  private readonly queues = { a: new Queue<number>(), b: new Queue<number>(), room: new Queue<number>(1) };
  private readonly lock = new Lock();
  private readonly semaphore = new Semaphore(2);
  private readonly event = new Event();
  private readonly future = new Future<string>();

  private choosers: Chooser[] = [];
  private readonly items: Record<"a" | "b" | "room", number[]> = { a: [], b: [], room: [] };
  private holder: number | null = null;
  private free = 2;
  private flag = false;
  private result: string | null = null;
  private readonly held: Map<number, number> = new Map();
  private serial = 0;

  play(command: SelectCommand, players: Players): void {
    switch (command.do) {
      case "select":
        return this.select(command.keys, players);
      case "put":
        this.queues[command.into].putNowait((this.serial += 1));
        this.items[command.into].push(this.serial);
        break;
      case "take from the full":
        if (this.items.room.length === 0) return;
        players.give(
          players.ask(() => this.queues.room.getNowait()),
          this.items.room.shift(),
        );
        break;
      case "set":
      case "clear":
        this.event[command.do]();
        this.flag = command.do === "set";
        break;
      case "set the result":
        if (this.result !== null) return;
        this.future.setResult("result");
        this.result = "result";
        break;
      case "add a permit":
        this.semaphore.release();
        this.free += 1;
        break;
      case "release the lease of":
        this.release(players.pick(command.which), players);
    }
    this.serve(players);
  }

  private select(wanted: readonly Key[], players: Players): void {
    const item = (this.serial += 1);
    const sources: Readonly<Record<Key, () => Selectable<unknown>>> = {
      a: () => this.queues.a,
      b: () => this.queues.b,
      room: () => this.queues.room.putting(item),
      lock: () => this.lock.acquiring(),
      one: () => this.semaphore.acquiring(1),
      two: () => this.semaphore.acquiring(2),
      event: () => this.event,
      future: () => this.future,
    };
    const player = players.ask(() => select(Object.fromEntries(wanted.map((key) => [key, sources[key]()]))));
    const chooser: Chooser = { player, keys: wanted };
    const ready = wanted.find((key) => this.possible(key) && (permits(key) === 0 || !this.choosers.some(wantsPermits)));
    if (ready === undefined) this.choosers.push(chooser);
    else this.grant(chooser, ready, players, item);
    this.puts.set(player, item);
  }

  /** What each chooser would put. */
  private readonly puts: Map<number, number> = new Map();

  private release(player: number | undefined, players: Players): void {
    if (player === undefined) return;
    const result = players.resultOf(player) as { readonly key?: Key; readonly value?: Lease } | undefined;
    const held = this.held.get(player);
    if (held === undefined || typeof result?.value !== "object") return;
    result.value.release();
    this.held.delete(player);
    if (held === 0) this.holder = null;
    this.free += held;
  }

  private possible(key: Key): boolean {
    switch (key) {
      case "a":
      case "b":
        return this.items[key].length > 0;
      case "room":
        return this.items.room.length === 0;
      case "lock":
        return this.holder === null;
      case "event":
        return this.flag;
      case "future":
        return this.result !== null;
      case "one":
      case "two":
        return this.free >= permits(key);
    }
  }

  private grant({ player }: Chooser, key: Key, players: Players, item: number): void {
    const give = (value: unknown): void => void players.give(player, { key, value });
    switch (key) {
      case "a":
      case "b":
        return give(this.items[key].shift());
      case "room":
        this.items.room.push(item);
        return give(undefined);
      case "event":
        return give(undefined);
      case "future":
        return give(this.result);
      case "lock":
      case "one":
      case "two":
        if (key === "lock") this.holder = player;
        this.free -= permits(key);
        this.held.set(player, permits(key));
        return give({ release: true });
    }
  }

  /** Gives what is possible to those who have waited longest, until nothing is. */
  private serve(players: Players): void {
    for (const key of keys) {
      if (!this.possible(key)) continue;
      // Nobody gets permits before the first who wants any, however few.
      const first = this.choosers.find((chooser) =>
        permits(key) > 0 ? wantsPermits(chooser) : chooser.keys.includes(key),
      );
      if (first === undefined || wanted(first, key) !== key) continue;
      this.grant(first, key, players, this.puts.get(first.player) as number);
      this.serve(players);
      return;
    }
  }

  leave(player: number, players: Players): void {
    const before = this.choosers.length;
    this.choosers = this.choosers.filter((chooser) => chooser.player !== player);
    if (this.choosers.length < before) this.serve(players);
  }

  real(): unknown {
    return {
      sizes: [this.queues.a.qsize(), this.queues.b.qsize(), this.queues.room.qsize()],
      waiting: this.waiting(),
      locked: this.lock.locked(),
      free: this.semaphore.statistics().free,
    };
  }

  expected(): unknown {
    const among = ({ keys: chosen }: Chooser): number => chosen.filter((key) => key !== "future").length;
    return {
      sizes: [this.items.a.length, this.items.b.length, this.items.room.length],
      waiting: this.choosers.map(among).reduce((sum, count) => sum + count, 0),
      locked: this.holder !== null,
      free: this.free,
    };
  }

  waiting(): number {
    const { a, b, room } = this.queues;
    const inQueues = a.statistics().getters + b.statistics().getters + room.statistics().putters;
    return (
      inQueues + this.lock.statistics().waiting + this.semaphore.statistics().waiting + this.event.statistics().waiting
    );
  }
}

function permits(key: Key): number {
  return key === "one" ? 1 : key === "two" ? 2 : 0;
}

function wantsPermits({ keys: chosen }: Chooser): boolean {
  return chosen.some((key) => permits(key) > 0);
}

/** With which of its alternatives a chooser takes what `key` stands for. */
function wanted({ keys: chosen }: Chooser, key: Key): Key | undefined {
  return chosen.find((other) => (permits(key) > 0 ? permits(other) > 0 : other === key));
}
