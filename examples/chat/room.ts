import { Broadcast } from "tsyncio";
import { encode, type Saying } from "./protocol.ts";

/** How many of the latest sayings a newcomer gets. */
const historyLength = 50;

/** How many events wait for a member whose connection is slow. */
const patience = 100;

/** Who came and went is told together, this often at most, in milliseconds: a thousand who come are few events then. */
const presencePause = 100;

/** Somebody in a room. */
export interface Member {
  readonly name: string;
  /** The first thing to send. */
  readonly welcome: string;
  /** What happens from now on. */
  readonly events: ReturnType<Broadcast<string>["subscribe"]>;
}

/**
 * A room: who is in it, and what was said. What happens is published once, as text, and each member has a queue of its
 * own; a member who does not read for {@link patience} events loses the oldest, and is told how many, but holds up nobody.
 */
export class Room {
  private readonly members: Map<string, Member> = new Map();
  private readonly history: Saying[] = [];
  private readonly changes: Map<string, "joined" | "left"> = new Map();
  private timer: NodeJS.Timeout | null = null;
  private readonly events: Broadcast<string> = new Broadcast({ capacity: patience, overflow: "drop-oldest" });

  get size(): number {
    return this.members.size;
  }

  join(wanted: string): Member {
    const name = this.freeName(wanted);
    const members = [...this.members.keys(), name];
    const welcome = encode({ type: "welcome", you: name, members, history: this.history });
    const member = { name, welcome, events: this.events.subscribe() };
    this.members.set(name, member);
    this.announce(name, "joined");
    return member;
  }

  leave(member: Member): void {
    this.members.delete(member.name);
    void member.events.return();
    this.announce(member.name, "left");
  }

  private announce(name: string, change: "joined" | "left"): void {
    const contrary = change === "joined" ? "left" : "joined";
    if (this.changes.get(name) === contrary) this.changes.delete(name);
    else this.changes.set(name, change);
    this.timer ??= setTimeout(() => {
      this.timer = null;
      const named = (wanted: string): string[] =>
        [...this.changes].filter(([, change]) => change === wanted).map(([name]) => name);
      this.events.putNowait(encode({ type: "presence", joined: named("joined"), left: named("left") }));
      this.changes.clear();
    }, presencePause);
  }

  say(member: Member, text: string): void {
    const saying = { from: member.name, text, at: Date.now() };
    this.history.push(saying);
    if (this.history.length > historyLength) this.history.shift();
    this.events.putNowait(encode({ type: "said", ...saying }));
  }

  private freeName(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.members.has(name); number += 1) name = `${wanted} ${number}`;
    return name;
  }
}
