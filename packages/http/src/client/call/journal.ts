import { isCancelled } from "tsyncio";
import type { RequestPhase } from "../errors.ts";
import type { Timings } from "../response/timings.ts";
import { publish } from "../trace/http-events.ts";

/** Why an exchange ends whose caller was cancelled while it waited for the head. The caller gets a `CancelledError`. */
export class Cut extends Error {
  constructor() {
    super("the request was cancelled");
  }
}

/** What one exchange has gone through, and when: for timings and for events. */
export class Journal {
  /** Whether it met a connection that had carried a request before. */
  reused = false;
  private readonly id: number;
  private readonly request: string;
  private readonly peer: string;
  private status = 0;
  private bytes = 0;
  // When each phase began, on the clock of `performance.now()`; 0 for those that are still to come.
  private readonly begun: number = performance.now();
  private granted = 0;
  private started = 0;
  private written = 0;
  private answered = 0;
  private finished = 0;

  constructor(id: number, request: string, peer: string) {
    this.id = id;
    this.request = request;
    this.peer = peer;
  }

  get timings(): Timings {
    return {
      acquire: this.granted - this.begun,
      connect: this.reused ? 0 : this.started - this.granted,
      send: this.written - this.started,
      headers: this.answered - this.written,
      body: this.finished === 0 ? undefined : this.finished - this.answered,
    };
  }

  acquired(reused: boolean): void {
    this.reused = reused;
    this.granted = performance.now();
    publish("acquired", () => ({ ...this.common, peer: this.peer, reused, waited: this.granted - this.begun }));
  }

  connected(): void {
    this.started = performance.now();
    if (this.reused) return;
    publish("connected", () => ({ ...this.common, peer: this.peer, elapsed: this.started - this.granted }));
  }

  sent(): void {
    this.written = performance.now();
    publish("sent", () => ({ ...this.common, elapsed: this.written - this.started }));
  }

  headOf(status: number): void {
    this.status = status;
    this.answered = performance.now();
    // An answer may come before the request has been written, above all one that refuses it.
    if (this.written === 0) this.written = this.answered;
    publish("headers", () => ({ ...this.common, status, elapsed: this.answered - this.written }));
  }

  received(bytes: number): void {
    this.bytes += bytes;
  }

  ended(): void {
    this.finished = performance.now();
    const { status, bytes } = this;
    publish("end", () => ({ ...this.common, status, bytes, elapsed: this.elapsed }));
  }

  failed(phase: RequestPhase, error: Error): void {
    this.finished = performance.now();
    if (error instanceof Cut || isCancelled(error))
      publish("cancelled", () => ({ ...this.common, phase, elapsed: this.elapsed }));
    else publish("error", () => ({ ...this.common, phase, error, elapsed: this.elapsed }));
  }

  private get common(): { readonly id: number; readonly request: string } {
    return { id: this.id, request: this.request };
  }

  private get elapsed(): number {
    return this.finished - this.begun;
  }
}
