import { describeValue } from "../kernel/values.ts";

/** As much of Node's `EventEmitter` as is needed to listen to one. */
export interface EmitterLike {
  on(name: string | symbol, listener: (...args: unknown[]) => void): unknown;
  off(name: string | symbol, listener: (...args: unknown[]) => void): unknown;
}

/** As much of an `EventTarget` as is needed to listen to one. */
export interface TargetLike {
  addEventListener(name: string, listener: (event: unknown) => void): void;
  removeEventListener(name: string, listener: (event: unknown) => void): void;
}

/** Who is told of events. */
export interface Hearer {
  event(args: unknown[]): void;
  /** An emitter has reported an error; never called of those who listen to `"error"` itself. */
  error(error: unknown): void;
}

/**
 * Listens to an event, and to the errors of an emitter; returns how to stop. An object that is both an emitter and a
 * target, as some of Node's are, is taken as an emitter.
 * @throws TypeError for what is neither.
 */
export function listen(source: unknown, name: string | symbol, hearer: Hearer, what: string): () => void {
  const onEvent = (...args: unknown[]): void => hearer.event(args);
  if (isEmitter(source)) {
    const onError = (error: unknown): void => hearer.error(error);
    source.on(name, onEvent);
    if (name !== "error") source.on("error", onError);
    return () => {
      source.off(name, onEvent);
      source.off("error", onError);
    };
  }
  if (isTarget(source)) {
    source.addEventListener(name as string, onEvent);
    return () => source.removeEventListener(name as string, onEvent);
  }
  throw new TypeError(`${what}: expected an EventEmitter or an EventTarget, got ${describeValue(source)}`);
}

function isEmitter(source: unknown): source is EmitterLike {
  const candidate = source as Partial<EmitterLike> | null | undefined;
  return typeof candidate?.on === "function" && typeof candidate.off === "function";
}

function isTarget(source: unknown): source is TargetLike {
  const candidate = source as Partial<TargetLike> | null | undefined;
  return typeof candidate?.addEventListener === "function" && typeof candidate.removeEventListener === "function";
}
