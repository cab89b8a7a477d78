import * as fc from "fast-check";
import { Event, select } from "tsyncio";
import type { Pair, Players } from "./lockstep.ts";

export type EventCommand = "wait" | "select" | "set" | "clear";

export const eventCommands: fc.Arbitrary<EventCommand> = fc.constantFrom("wait", "wait", "select", "set", "clear");

/** An event, and what is expected of it: the flag, and those who wait. */
export class EventPair implements Pair<EventCommand> {
  private readonly event = new Event();
  private flag = false;
  private line: number[] = [];

  play(command: EventCommand, players: Players): void {
    switch (command) {
      case "wait":
      case "select": {
        const wait = (): unknown =>
          command === "wait" ? this.event.wait() : select({ it: this.event }).then(() => {});
        this.line.push(players.ask(wait));
        break;
      }
      case "set":
        this.event.set();
        this.flag = true;
        break;
      case "clear":
        this.event.clear();
        this.flag = false;
    }
    if (this.flag) for (const player of this.line) players.give(player, undefined);
  }

  leave(player: number): void {
    this.line = this.line.filter((other) => other !== player);
  }

  real(): unknown {
    return { ...this.event.statistics(), isSet: this.event.isSet() };
  }

  expected(): unknown {
    return { set: this.flag, waiting: this.line.length, isSet: this.flag };
  }

  waiting(): number {
    return this.event.statistics().waiting;
  }
}
