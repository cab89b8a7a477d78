import { EventEmitter, getEventListeners } from "node:events";
import { callerOrigin, type Leak } from "./leak.ts";

type Listener = (...args: never[]) => unknown;

interface Registered {
  readonly name: string | symbol;
  readonly listener: Listener;
  /** How often it was registered already when it was first seen. */
  readonly before: number;
  readonly origin: string | undefined;
}

/** Follows the listeners that some code adds to an emitter or target that lives longer than that code. */
export class ListenerWatch {
  private readonly source: EventEmitter | EventTarget;
  private readonly isWatched: () => boolean;
  private readonly registered: Registered[] = [];
  private readonly unwatch: () => void;

  constructor(source: EventEmitter | EventTarget, isWatched: () => boolean) {
    this.source = source;
    this.isWatched = isWatched;
    this.unwatch = source instanceof EventEmitter ? this.watchEmitter(source) : this.watchTarget(source);
  }

  private watchEmitter(emitter: EventEmitter): () => void {
    const noticed = (name: string | symbol, listener: Listener): void => this.notice(name, listener);
    emitter.on("newListener", noticed);
    return () => emitter.off("newListener", noticed);
  }

  /** A target tells nobody of its listeners, so its method is wrapped. */
  private watchTarget(target: EventTarget): () => void {
    const add = target.addEventListener.bind(target);
    Object.defineProperty(target, "addEventListener", {
      configurable: true,
      value: (...args: Parameters<EventTarget["addEventListener"]>) => {
        this.notice(args[0], args[1] as Listener);
        add(...args);
      },
    });
    return () => Reflect.deleteProperty(target, "addEventListener");
  }

  private notice(name: string | symbol, listener: Listener): void {
    if (!this.isWatched() || this.registered.some((known) => known.name === name && known.listener === listener)) {
      return;
    }
    this.registered.push({ name, listener, before: this.count(name, listener), origin: callerOrigin() });
  }

  private count(name: string | symbol, listener: Listener): number {
    const listeners: readonly unknown[] = getEventListeners(this.source as EventTarget, name as string);
    return listeners.filter((registered) => registered === listener).length;
  }

  stop(): void {
    this.unwatch();
  }

  /** Those that are there still. */
  leaks(): Leak[] {
    return this.registered
      .filter(({ name, listener, before }) => this.count(name, listener) > before)
      .map(({ name, listener, origin }) => {
        const called = listener.name === undefined || listener.name === "" ? "" : ` (${listener.name})`;
        return { kind: "listener", what: `a listener of "${String(name)}"${called} on ${this.sourceName()}`, origin };
      });
  }

  private sourceName(): string {
    const { source } = this;
    if (source === (process as unknown)) return "process";
    const { name } = source.constructor;
    return /^[AEIOU]/.test(name) ? `an ${name}` : `a ${name}`;
  }
}
