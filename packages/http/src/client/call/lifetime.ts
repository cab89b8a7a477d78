import { suspend, type Wait } from "tsyncio";
import { Timer } from "../../shared/timer.ts";

/**
 * How long a call may go on: from `session.get()` to the last byte of the body, through retries and redirects. Three
 * things end it early: the cancellation of the scope that made the call, its total timeout, and the closing of its
 * session.
 *
 *     running ──end()───▶ over     the last byte is in, or the call has failed by itself
 *        └──────fail()──▶ over     `stop` is called with the reason
 *
 * While the call waits for the head of an answer, a cancellation reaches it by that wait. From then on it is linked
 * into the scope by a wait of its own ({@link linger}), so a response that nobody reads at the moment is cut as well;
 * when the scope ends first, the link goes on to the scope around it, as the response does.
 */
export class Lifetime {
  /** Why it was ended early. */
  failure: Error | null = null;
  private over = false;
  private stop: ((reason: Error) => void) | null = null;
  private link: Wait<void> | null = null;
  private readonly timer: Timer = new Timer();
  private readonly onOver: (lifetime: Lifetime) => void;
  private readonly signal: AbortSignal | undefined;
  private readonly onAbort = (): void => this.fail((this.signal as AbortSignal).reason as Error);

  /** @param signal One more thing that can end the call early, for callers that know no scopes. */
  constructor(onOver: (lifetime: Lifetime) => void, signal?: AbortSignal) {
    this.onOver = onOver;
    this.signal = signal;
  }

  /** Begins. `expired` makes the error of the total timeout. */
  begin(total: number, expired: (elapsed: number) => Error): void {
    this.timer.set(total, (elapsed) => this.fail(expired(elapsed)));
    if (this.signal === undefined) return;
    this.signal.addEventListener("abort", this.onAbort, { once: true });
    if (this.signal.aborted) this.onAbort();
  }

  /** Goes on after the answer's head has been handed to the caller: links itself into the caller's scope. */
  linger(label: string): void {
    suspend<void>(label, (wait) => {
      this.link = wait;
    }).catch((cancellation: unknown) => this.fail(cancellation as Error));
  }

  throwIfOver(): void {
    if (this.failure !== null) throw this.failure;
  }

  /** Says how to stop what the call is doing now. Throws if it is to do nothing more. */
  stopWith(stop: (reason: Error) => void): void {
    this.throwIfOver();
    this.stop = stop;
  }

  fail(reason: Error): void {
    if (this.over) return;
    this.failure = reason;
    this.end();
    this.stop?.(reason);
  }

  end(): void {
    if (this.over) return;
    this.over = true;
    this.timer.clear();
    this.link?.resolve();
    this.signal?.removeEventListener("abort", this.onAbort);
    this.onOver(this);
  }
}
