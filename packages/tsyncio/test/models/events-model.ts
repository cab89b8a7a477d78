import { EventEmitter } from "node:events";
import * as fc from "fast-check";
import { type EventIterator, on, once, type OnOptions } from "tsyncio";
import type { Pair, Players } from "./lockstep.ts";

export type EventsCommand = "emit" | "next" | "once" | "return" | "error";

export const eventsCommands: fc.Arbitrary<EventsCommand> = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom<EventsCommand[]>("emit", "emit", "next", "next", "once") },
  { weight: 1, arbitrary: fc.constantFrom<EventsCommand[]>("return", "error") },
);

export type EventsSetup = Required<OnOptions>;

export const eventsSetups: fc.Arbitrary<EventsSetup> = fc.record({
  capacity: fc.integer({ min: 1, max: 3 }),
  overflow: fc.constantFrom("error" as const, "drop-oldest" as const, "drop-newest" as const),
});

type State = "listening" | "closed" | { readonly failed: string };

/** An iteration over events, beside waits for single ones, and what is expected of both. */
export class EventsPair implements Pair<EventsCommand> {
  private readonly emitter = new EventEmitter({ captureRejections: false });
  private readonly events: EventIterator<[number]>;
  private readonly setup: EventsSetup;
  private kept: number[] = [];
  private dropped = 0;
  private state: State = "listening";
  private readers: number[] = [];
  private single: number[] = [];
  private serial = 0;

  constructor(setup: EventsSetup) {
    this.setup = setup;
    this.events = on<[number]>(this.emitter, "tick", setup);
    // An emitter throws an error to which nobody listens.
    this.emitter.on("error", () => {});
  }

  play(command: EventsCommand, players: Players): void {
    switch (command) {
      case "emit": {
        const event = (this.serial += 1);
        this.emitter.emit("tick", event);
        return this.emit(event, players);
      }
      case "error":
        this.emitter.emit("error", new RangeError("the emitter failed"));
        for (const player of this.single) players.refuse(player, "RangeError");
        return this.fail("RangeError", players);
      case "next":
        return this.next(players);
      case "once":
        this.single.push(players.ask(() => once<[number]>(this.emitter, "tick").then(([event]) => event)));
        return;
      case "return":
        this.events[Symbol.dispose]();
        this.close(players);
    }
  }

  private emit(event: number, players: Players): void {
    for (const player of this.single) players.give(player, event);
    if (this.state !== "listening") return;
    const [reader] = this.readers;
    if (reader !== undefined) players.give(reader, event);
    else if (this.kept.length < this.setup.capacity) this.kept.push(event);
    else if (this.setup.overflow === "error") this.fail("QueueFull", players);
    else {
      this.dropped += 1;
      if (this.setup.overflow === "drop-oldest") this.kept = [...this.kept.slice(1), event];
    }
  }

  private next(players: Players): void {
    const player = players.ask(() => this.events.next().then(({ value }) => value?.[0]));
    const event = this.kept.shift();
    if (event !== undefined) players.give(player, event);
    else if (this.state === "listening") this.readers.push(player);
    else if (this.state === "closed") players.give(player, undefined);
    else {
      players.refuse(player, this.state.failed);
      this.state = "closed";
    }
  }

  private fail(error: string, players: Players): void {
    if (this.state !== "listening") return;
    this.state = { failed: error };
    const [reader] = this.readers;
    if (reader === undefined) return;
    players.refuse(reader, error);
    this.close(players);
  }

  private close(players: Players): void {
    this.state = "closed";
    this.kept = [];
    for (const reader of this.readers) players.give(reader, undefined);
  }

  leave(player: number): void {
    this.readers = this.readers.filter((other) => other !== player);
    this.single = this.single.filter((other) => other !== player);
  }

  real(): unknown {
    return { dropped: this.events.dropped, listeners: this.emitter.listenerCount("tick") };
  }

  expected(): unknown {
    return { dropped: this.dropped, listeners: this.single.length + (this.state === "listening" ? 1 : 0) };
  }

  waiting(): number {
    this.events[Symbol.dispose]();
    return this.emitter.listenerCount("tick");
  }
}
