import * as fc from "fast-check";
import { Broadcast, type BroadcastOptions, type Subscription } from "tsyncio";
import type { Pair, Players } from "./lockstep.ts";

export type BroadcastCommand =
  | { readonly do: "subscribe" | "put" | "putNowait" }
  | { readonly do: "get" | "leave"; readonly which: number }
  | { readonly do: "shutdown"; readonly failed: boolean };

const which = fc.nat({ max: 9 });

/** Few subscribers, who often leave: with many, somebody is nearly always full, and nobody gets in. */
export const broadcastCommands: fc.Arbitrary<BroadcastCommand> = fc.oneof(
  { weight: 2, arbitrary: fc.record({ do: fc.constant("subscribe" as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("put" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("putNowait" as const) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant("get" as const), which }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("leave" as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("shutdown" as const), failed: fc.boolean() }) },
);

export type BroadcastSetup = Required<BroadcastOptions>;

export const broadcastSetups: fc.Arbitrary<BroadcastSetup> = fc
  .record({
    capacity: fc.integer({ min: 1, max: 3 }),
    replay: fc.nat({ max: 3 }),
    overflow: fc.constantFrom(
      "wait" as const,
      "wait" as const,
      "drop-oldest" as const,
      "drop-newest" as const,
      "error" as const,
    ),
  })
  .map((setup) => ({ ...setup, replay: Math.min(setup.replay, setup.capacity) }));

/** What is expected of one subscription. */
interface Inbox {
  readonly subscription: Subscription<number>;
  items: number[];
  readers: number[];
  dropped: number;
  /** The name of the error that readers get once all is read; null while it takes items. */
  end: string | null;
}

/** A broadcast, and what is expected of it: an array of items for each subscription, and those who wait to put. */
export class BroadcastPair implements Pair<BroadcastCommand> {
  private readonly broadcast: Broadcast<number>;
  private readonly setup: BroadcastSetup;
  private readonly inboxes: Inbox[] = [];
  private latest: number[] = [];
  private putters: { readonly player: number; readonly item: number }[] = [];
  private over: string | null = null;
  private serial = 0;

  constructor(setup: BroadcastSetup) {
    this.setup = setup;
    this.broadcast = new Broadcast(setup);
  }

  play(command: BroadcastCommand, players: Players): void {
    switch (command.do) {
      case "subscribe":
        this.inboxes.push({
          subscription: this.broadcast.subscribe(),
          items: [...this.latest],
          readers: [],
          dropped: 0,
          end: this.over,
        });
        return;
      case "put":
      case "putNowait": {
        const item = (this.serial += 1);
        const player = players.ask(() => this.broadcast[command.do](item));
        if (!this.blocked) this.publish(item, player, players);
        else if (command.do === "putNowait") players.refuse(player, "QueueFull");
        else this.putters.push({ player, item });
        return;
      }
      case "get": {
        const inbox = this.pick(command.which);
        if (inbox !== undefined) this.read(inbox, players);
        return;
      }
      case "leave": {
        const inbox = this.pick(command.which);
        if (inbox === undefined) return;
        inbox.subscription[Symbol.dispose]();
        inbox.end ??= "QueueShutDown";
        inbox.items = [];
        this.tellReaders(inbox, players);
        this.serve(players);
        return;
      }
      case "shutdown":
        this.shutdown(command.failed, players);
    }
  }

  private shutdown(failed: boolean, players: Players): void {
    this.broadcast.shutdown(failed ? { error: new RangeError("the source failed") } : {});
    this.over ??= failed ? "RangeError" : "QueueShutDown";
    for (const { player } of this.putters) players.refuse(player, "QueueShutDown");
    for (const inbox of this.inboxes) {
      inbox.end ??= this.over;
      this.tellReaders(inbox, players);
    }
  }

  private read(inbox: Inbox, players: Players): void {
    const player = players.ask(() => inbox.subscription.get());
    const item = inbox.items.shift();
    if (item !== undefined) {
      players.give(player, item);
      this.serve(players);
    } else if (inbox.end !== null) players.refuse(player, inbox.end);
    else inbox.readers.push(player);
  }

  private publish(item: number, putter: number, players: Players): void {
    if (this.over !== null) {
      players.refuse(putter, "QueueShutDown");
      return;
    }
    players.give(putter, undefined);
    if (this.setup.replay > 0) this.latest = [...this.latest, item].slice(-this.setup.replay);
    for (const inbox of this.open) {
      const [reader] = inbox.readers;
      if (reader !== undefined) players.give(reader, item);
      else if (inbox.items.length < this.setup.capacity) inbox.items.push(item);
      else if (this.setup.overflow === "error") inbox.end = "QueueFull";
      else {
        inbox.dropped += 1;
        if (this.setup.overflow === "drop-oldest") inbox.items = [...inbox.items.slice(1), item];
      }
    }
  }

  private serve(players: Players): void {
    while (!this.blocked && this.putters.length > 0) {
      const [{ item, player }] = this.putters.splice(0, 1) as [{ item: number; player: number }];
      this.publish(item, player, players);
    }
  }

  private tellReaders(inbox: Inbox, players: Players): void {
    for (const reader of inbox.readers) players.refuse(reader, inbox.end as string);
  }

  private get open(): Inbox[] {
    return this.inboxes.filter(({ end }) => end === null);
  }

  private get blocked(): boolean {
    const full = this.open.some(({ items }) => items.length >= this.setup.capacity);
    return this.over === null && this.setup.overflow === "wait" && full;
  }

  /** Mostly one that still takes items. */
  private pick(which: number): Inbox | undefined {
    const open = this.open;
    const among = which > 0 && open.length > 0 ? open : this.inboxes;
    return among[which % Math.max(among.length, 1)];
  }

  leave(player: number): void {
    this.putters = this.putters.filter((putter) => putter.player !== player);
    for (const inbox of this.inboxes) inbox.readers = inbox.readers.filter((reader) => reader !== player);
  }

  real(): unknown {
    const boxes = this.inboxes.map(({ subscription }) => [subscription.qsize(), subscription.dropped]);
    return { ...this.broadcast.statistics(), boxes };
  }

  expected(): unknown {
    return {
      subscribers: this.open.length,
      putters: this.putters.length,
      shutDown: this.over !== null,
      boxes: this.inboxes.map(({ items, dropped }) => [items.length, dropped]),
    };
  }

  waiting(): number {
    return this.broadcast.statistics().putters;
  }
}
