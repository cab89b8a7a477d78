import type { CancelledError } from "../errors.ts";
import type { Scope } from "../kernel/scope.ts";
import type { Timer } from "../kernel/timer-heap.ts";
import { BlockScope } from "./block-scope.ts";

/**
 * A scope that a cancellation from outside reaches only when its grace is over.
 *
 *     calm ──cancelled outside──▶ in grace ──grace over──▶ cancelled
 */
export class ShieldScope extends BlockScope {
  private timer: Timer | null = null;
  /** Its own, which shields inside do not inherit. */
  private readonly protection: number;

  /** @param grace In milliseconds; by default the surrounding run's. */
  constructor(grace?: number) {
    super("shield", "shield");
    this.protection = grace ?? this.grace;
    const { effective } = this;
    if (effective === null) return;
    this.effective = null;
    if (this.admits(effective)) this.deliver(effective);
  }

  /** The first cancellation from outside starts the grace; one that comes later, from further out, replaces it. */
  protected override admits(error: CancelledError): boolean {
    const end = this.graceEnd ?? this.loop.time() + this.protection;
    // A grace outside may have begun after this one, and end before it.
    this.graceEnd = Math.min(end, enclosingGraceEnd(this.parent));
    if (this.timer !== null) this.loop.removeTimer(this.timer);
    this.timer = null;
    if (this.graceEnd <= this.loop.time()) return true;
    if (this.graceEnd < Number.POSITIVE_INFINITY) {
      this.timer = this.loop.addTimer(this.graceEnd, () => this.deliver(error));
    }
    return false;
  }

  override end(): void {
    if (this.timer !== null) this.loop.removeTimer(this.timer);
    this.timer = null;
    super.end();
  }
}

function enclosingGraceEnd(from: Scope | null): number {
  let earliest = Number.POSITIVE_INFINITY;
  for (let scope = from; scope !== null; scope = scope.parent) {
    if (scope.graceEnd !== null) earliest = Math.min(earliest, scope.graceEnd);
  }
  return earliest;
}
