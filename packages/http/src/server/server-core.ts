import type { Event, Task, TaskGroup, TaskOptions } from "tsyncio";
import type { ServerSettings } from "./options.ts";
import type { Handler } from "./request-context.ts";
import type { Tally } from "./tally.ts";

/** A request that is under way. */
export interface RequestUnderWay {
  cancel(reason: Error): void;
  endSocket(): void;
  cutSocket(): void;
}

/** What a request needs of its server. */
export interface ServerCore {
  readonly handler: Handler;
  readonly settings: ServerSettings;
  readonly secure: boolean;
  /** Owns all tasks of the server. */
  readonly group: TaskGroup;
  /** Counts requests and their children. */
  readonly requests: Tally;
  readonly active: Set<RequestUnderWay>;
  readonly shuttingDown: Event;
  /** Whether replies close their connections. */
  readonly stopping: boolean;
  background<T>(fn: () => T | PromiseLike<T>, options?: TaskOptions): Task<T | undefined>;
  report(error: unknown, request: Request | null): void;
}
