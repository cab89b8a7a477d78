import * as fc from "fast-check";
import { LifoQueue, PriorityQueue, Queue, select } from "tsyncio";
import type { Pair, Players } from "./lockstep.ts";

/** An item: its rank, and which it is. */
type Item = readonly [rank: number, serial: number];

export type QueueCommand =
  | { readonly do: "put"; readonly rank: number; readonly by: "put" | "select" | "putNowait" }
  | { readonly do: "get"; readonly by: "get" | "select" | "getNowait" | "next" }
  | { readonly do: "taskDone" | "join" }
  | { readonly do: "shutdown"; readonly immediate: boolean; readonly failed: boolean };

export const queueCommands: fc.Arbitrary<QueueCommand> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("put" as const),
      rank: fc.nat({ max: 3 }),
      by: fc.constantFrom("put" as const, "put" as const, "select" as const, "putNowait" as const),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("get" as const),
      by: fc.constantFrom("get" as const, "select" as const, "getNowait" as const, "next" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constantFrom("taskDone" as const, "taskDone" as const, "join" as const) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("shutdown" as const), immediate: fc.boolean(), failed: fc.boolean() }),
  },
);

export type QueueKind = "fifo" | "lifo" | "priority";

const makers: Readonly<Record<QueueKind, (maxsize: number) => Queue<Item>>> = {
  fifo: (maxsize) => new Queue(maxsize),
  lifo: (maxsize) => new LifoQueue(maxsize),
  priority: (maxsize) => new PriorityQueue(maxsize),
};

/** Where the next item is, by going through all of them. */
const next: Readonly<Record<QueueKind, (items: readonly Item[]) => number>> = {
  fifo: () => 0,
  lifo: (items) => items.length - 1,
  priority: (items) => items.findIndex(([rank]) => items.every(([other]) => rank <= other)),
};

const ends = { open: "", shut: "QueueShutDown", failed: "RangeError" } as const;

/** A queue, and what is expected of it: the items, and three lines of those who wait. */
export class QueuePair implements Pair<QueueCommand> {
  private readonly queue: Queue<Item>;
  private readonly kind: QueueKind;
  private readonly maxsize: number;
  private items: Item[] = [];
  private getters: { readonly player: number; readonly shape: (item: Item) => unknown }[] = [];
  private putters: { readonly player: number; readonly item: Item }[] = [];
  private joiners: number[] = [];
  private unfinished = 0;
  private state: keyof typeof ends = "open";
  private serial = 0;

  constructor(kind: QueueKind, maxsize: number) {
    this.kind = kind;
    this.maxsize = maxsize;
    this.queue = makers[kind](maxsize);
  }

  play(command: QueueCommand, players: Players): void {
    switch (command.do) {
      case "put":
        return this.put(command.rank, command.by, players);
      case "get":
        return this.get(command.by, players);
      case "join":
        this.joiners.push(players.ask(() => this.queue.join()));
        return this.finish(0, players);
      case "taskDone": {
        const player = players.ask(() => this.queue.taskDone());
        if (this.unfinished === 0) players.refuse(player, "InvalidStateError");
        else {
          players.give(player, undefined);
          this.finish(1, players);
        }
        return;
      }
      case "shutdown":
        this.shutdown(command.immediate, command.failed, players);
    }
  }

  private put(rank: number, by: "put" | "select" | "putNowait", players: Players): void {
    const item: Item = [rank, (this.serial += 1)];
    const player = players.ask(() => {
      if (by === "put") return this.queue.put(item);
      return by === "select" ? select({ it: this.queue.putting(item) }).then(() => {}) : this.queue.putNowait(item);
    });
    if (this.state !== "open") players.refuse(player, "QueueShutDown");
    else if (!this.full) this.insert(item, player, players);
    else if (by === "putNowait") players.refuse(player, "QueueFull");
    else this.putters.push({ player, item });
  }

  private get(by: "get" | "select" | "getNowait" | "next", players: Players): void {
    const player = players.ask(() => {
      if (by === "get") return this.queue.get();
      if (by === "select") return select({ it: this.queue }).then(({ value }) => value);
      return by === "getNowait" ? this.queue.getNowait() : this.queue[Symbol.asyncIterator]().next();
    });
    const shape = (item: Item): unknown => (by === "next" ? { done: false, value: item } : item);
    if (this.items.length > 0) {
      const [item] = this.items.splice(next[this.kind](this.items), 1) as [Item];
      players.give(player, shape(item));
      while (!this.full && this.putters.length > 0) {
        const [first] = this.putters.splice(0, 1) as [{ player: number; item: Item }];
        this.insert(first.item, first.player, players);
      }
    } else if (this.state === "shut" && by === "next") players.give(player, { done: true, value: undefined });
    else if (this.state !== "open") players.refuse(player, ends[this.state]);
    else if (by === "getNowait") players.refuse(player, "QueueEmpty");
    else this.getters.push({ player, shape });
  }

  private insert(item: Item, putter: number, players: Players): void {
    this.unfinished += 1;
    players.give(putter, undefined);
    const getter = this.getters.shift();
    if (getter === undefined) this.items.push(item);
    else players.give(getter.player, getter.shape(item));
  }

  private shutdown(immediate: boolean, failed: boolean, players: Players): void {
    this.queue.shutdown({ immediate, error: failed ? new RangeError("the source failed") : undefined });
    if (this.state === "open") this.state = failed ? "failed" : "shut";
    if (immediate) this.finish(Math.min(this.items.splice(0).length, this.unfinished), players);
    for (const { player, shape } of this.getters) {
      const iterates = "done" in (shape([0, 0]) as object);
      if (iterates && this.state === "shut") players.give(player, { done: true, value: undefined });
      else players.refuse(player, ends[this.state]);
    }
    for (const { player } of this.putters) players.refuse(player, "QueueShutDown");
  }

  private finish(count: number, players: Players): void {
    this.unfinished -= count;
    if (this.unfinished === 0) for (const player of this.joiners) players.give(player, undefined);
  }

  private get full(): boolean {
    return this.maxsize > 0 && this.items.length >= this.maxsize;
  }

  leave(player: number): void {
    this.getters = this.getters.filter((getter) => getter.player !== player);
    this.putters = this.putters.filter((putter) => putter.player !== player);
    this.joiners = this.joiners.filter((joiner) => joiner !== player);
  }

  real(): unknown {
    return { ...this.queue.statistics(), empty: this.queue.empty(), full: this.queue.full() };
  }

  expected(): unknown {
    return {
      size: this.items.length,
      maxsize: this.maxsize,
      getters: this.getters.length,
      putters: this.putters.length,
      joiners: this.joiners.length,
      unfinished: this.unfinished,
      shutDown: this.state !== "open",
      empty: this.items.length === 0,
      full: this.full,
    };
  }

  waiting(): number {
    const { getters, putters, joiners } = this.queue.statistics();
    return getters + putters + joiners;
  }
}
