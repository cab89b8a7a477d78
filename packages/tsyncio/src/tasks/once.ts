import { suspend } from "../kernel/suspend.ts";
import { listen, type EmitterLike, type TargetLike } from "./event-source.ts";

/**
 * Waits for the next event of a name, and resolves to the arguments of its listeners; of an `EventTarget`, that is the
 * event alone. If an emitter emits `"error"` meanwhile (and that is not what is waited for), it rejects with that error.
 * The listeners are there while it waits and no longer: also a cancellation removes them at once. It does not keep the
 * process alive: what emits does.
 *
 *     const [side] = await once<[string]>(button, "press");
 *     show(side);
 *
 * Nothing is remembered: an event that was emitted before the call, or between two calls, is missed; see `on`.
 */
export function once<A extends unknown[] = unknown[]>(emitter: EmitterLike, name: string | symbol): Promise<A>;
export function once<A extends unknown[] = [Event]>(target: TargetLike, name: string): Promise<A>;
export function once(source: EmitterLike | TargetLike, name: string | symbol): Promise<unknown[]> {
  return suspend<unknown[]>(`the event ${String(name)}`, (wait) => {
    let stop = (): void => {};
    const hearer = {
      event: (args: unknown[]): void => {
        stop();
        wait.resolve(args);
      },
      error: (error: unknown): void => {
        stop();
        wait.reject(error);
      },
    };
    stop = listen(source, name, hearer, "once");
    // Some emit while a listener is added.
    if (!wait.pending) stop();
    return stop;
  });
}
