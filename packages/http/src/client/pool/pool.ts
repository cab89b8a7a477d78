import type { Lane, LaneEvents } from "./lane.ts";
import { Line } from "./line.ts";

/** Somebody who wants a lane. */
export interface Ticket {
  readonly origin: string;
  /** Called once, synchronously, when it is the ticket's turn. */
  granted(lane: Lane): void;
}

/** Settings of a {@link Pool}. */
export interface PoolSettings {
  /** How many lanes there may be, idle ones included. */
  readonly limit: number;
  /** How many of them to one origin. */
  readonly limitPerHost: number;
  /** Makes a lane. */
  readonly open: (origin: string, events: LaneEvents) => Lane;
}

/** What a session's pool holds at the moment. */
export interface PoolStatistics {
  /** Connections that carry a request. */
  readonly busy: number;
  /** Connections that are kept for the next request. */
  readonly idle: number;
  /** Requests that wait for a connection. */
  readonly waiting: number;
}

interface Host {
  readonly origin: string;
  /** In the order of their coming. */
  readonly waiting: Line<Ticket>;
  /** The last one used is the first to be used again. */
  readonly idle: Lane[];
  /** All lanes to here: busy, idle and closing. */
  open: number;
}

/**
 * # Who may send next
 *
 * The gate in front of undici. Within a host, requests go first come, first served. Between hosts, turns go round
 * robin; a host that has no lane at all goes before those that have. A lane that has become free is kept by its host
 * if requests wait there, unless another host waits without any, or with fewer by at least two: strict turns would
 * close and open a connection for each request, and a host with a thousand requests must not starve one with a
 * single request.
 *
 * Invariants:
 *
 * - **P1** No more lanes than `limit`, none of a host more than `limitPerHost`; an idle or closing lane counts.
 * - **P2** A host with waiting tickets has no idle lane.
 * - **P3** A host is in `starving` or `ready` if and only if tickets wait there and it may have one lane more.
 * - **P4** A ticket is granted once or leaves, never both.
 *
 * Nothing here waits or is asynchronous; a cancelled request leaves by {@link leave}, in constant time.
 */
export class Pool {
  private readonly settings: PoolSettings;
  private readonly hosts: Map<string, Host> = new Map();
  /** Hosts without any lane. The order of the lines is the order of turns. */
  private readonly starving: Line<Host> = new Line();
  private readonly ready: Line<Host> = new Line();
  private readonly lanes: Set<Lane> = new Set();
  /** Idle lanes of all hosts, the one that has been idle longest first. */
  private readonly idle: Line<Lane> = new Line();
  private readonly closing: Set<Lane> = new Set();
  private readonly events: LaneEvents = {
    idle: (lane) => this.becameIdle(lane),
    gone: (lane) => this.becameGone(lane),
  };
  private reportEmpty: (() => void) | null = null;

  constructor(settings: PoolSettings) {
    this.settings = settings;
  }

  /** Grants a lane to the ticket, now or when it is its turn. */
  enter(ticket: Ticket): void {
    const host = this.hostOf(ticket.origin);
    const lane = host.idle.at(-1);
    if (lane !== undefined) {
      this.takeIdle(host, lane);
      ticket.granted(lane);
      return;
    }
    host.waiting.add(ticket);
    this.place(host);
    this.fill();
  }

  /** Takes back a ticket that has not been granted. */
  leave(ticket: Ticket): void {
    const host = this.hosts.get(ticket.origin);
    if (host === undefined || !host.waiting.delete(ticket)) return;
    this.place(host);
  }

  /** Closes all lanes, busy ones too, and calls back when they are gone. No tickets may come any more. */
  close(reason: Error, closed: () => void): void {
    this.reportEmpty = closed;
    for (const lane of this.lanes) this.shut(lane, reason);
    if (this.lanes.size === 0) closed();
  }

  statistics(): PoolStatistics {
    let waiting = 0;
    for (const host of this.hosts.values()) waiting += host.waiting.size;
    return { busy: this.lanes.size - this.idle.size - this.closing.size, idle: this.idle.size, waiting };
  }

  private hostOf(origin: string): Host {
    const known = this.hosts.get(origin);
    if (known !== undefined) return known;
    const host: Host = { origin, waiting: new Line(), idle: [], open: 0 };
    this.hosts.set(origin, host);
    return host;
  }

  /** Keeps P3, and forgets a host that has nothing. */
  private place(host: Host): void {
    const eligible = host.waiting.size > 0 && host.open < this.settings.limitPerHost;
    const [turns, others] = host.open === 0 ? [this.starving, this.ready] : [this.ready, this.starving];
    others.delete(host);
    if (eligible) turns.add(host);
    else turns.delete(host);
    if (host.open === 0 && host.waiting.size === 0) this.hosts.delete(host.origin);
  }

  /** Opens lanes for those whose turn it is, as far as the limit allows. */
  private fill(): void {
    while (this.lanes.size < this.settings.limit) {
      const host = this.starving.first() ?? this.ready.first();
      if (host === undefined) return;
      const lane = this.settings.open(host.origin, this.events);
      this.lanes.add(lane);
      host.open += 1;
      this.grant(host, lane);
    }
    this.makeRoom();
  }

  /** Gives the lane to the host's first ticket; the host's next turn is after all others'. */
  private grant(host: Host, lane: Lane): void {
    const ticket = host.waiting.first() as Ticket;
    host.waiting.delete(ticket);
    this.ready.delete(host);
    this.place(host);
    ticket.granted(lane);
  }

  /** Closes idle lanes of hosts that need them no longer, one for each host that waits. */
  private makeRoom(): void {
    while (this.closing.size < this.starving.size + this.ready.size) {
      const oldest = this.idle.first();
      if (oldest === undefined) return;
      this.shut(oldest, new Error("another host needs the connection"));
    }
  }

  private becameIdle(lane: Lane): void {
    const host = this.hosts.get(lane.origin) as Host;
    if (host.waiting.size > 0) {
      if (this.owesTurn(host)) this.shut(lane, new Error("another host needs the connection"));
      else this.grant(host, lane);
      return;
    }
    host.idle.push(lane);
    this.idle.add(lane);
    this.makeRoom();
  }

  /** Whether a host has so many lanes, and another one so few, that one is to change hands. */
  private owesTurn(host: Host): boolean {
    if (this.starving.size > this.closing.size) return true;
    const next = this.ready.first();
    return next !== undefined && this.closing.size === 0 && next.open < host.open - 1;
  }

  private becameGone(lane: Lane): void {
    const host = this.hosts.get(lane.origin) as Host;
    if (this.idle.has(lane)) this.takeIdle(host, lane);
    this.closing.delete(lane);
    this.lanes.delete(lane);
    host.open -= 1;
    this.place(host);
    if (this.reportEmpty === null) this.fill();
    else if (this.lanes.size === 0) this.reportEmpty();
  }

  private shut(lane: Lane, reason: Error): void {
    if (this.idle.has(lane)) this.takeIdle(this.hosts.get(lane.origin) as Host, lane);
    this.closing.add(lane);
    lane.close(reason);
  }

  private takeIdle(host: Host, lane: Lane): void {
    host.idle.splice(host.idle.lastIndexOf(lane), 1);
    this.idle.delete(lane);
  }
}
