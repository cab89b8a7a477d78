import { createHook } from "node:async_hooks";
import { callerOrigin, type Leak } from "./leak.ts";

/** What Node calls the things that keep a process alive until somebody closes them, and what people do. */
const kinds: Readonly<Record<string, string>> = {
  DIRHANDLE: "an open folder (fs.opendir)",
  FILEHANDLE: "an open file (fs.promises.open)",
  FSEVENTWRAP: "a file watcher (fs.watch)",
  MESSAGEPORT: "a message port that is listened to",
  PIPESERVERWRAP: "a pipe or Unix socket that listens",
  PIPEWRAP: "a pipe or Unix socket",
  PROCESSWRAP: "a child process",
  STATWATCHER: "a file watcher (fs.watchFile)",
  TCPSERVERWRAP: "a server's socket that listens",
  TCPWRAP: "a socket",
  Timeout: "a timer (setTimeout or setInterval)",
  UDPWRAP: "a datagram socket",
  WORKER: "a worker thread",
};

/** Files and folders are opened by Node's own threads, outside every async context. */
const anonymous: ReadonlySet<string> = new Set(["DIRHANDLE", "FILEHANDLE"]);

interface HostResource {
  hasRef?(): boolean;
  /** Set on timers as soon as they are cleared; the hooks tell it later. */
  readonly _destroyed?: boolean;
}

interface Handle {
  readonly what: string;
  readonly origin: string | undefined;
  readonly resource: HostResource;
}

/**
 * Follows the host's handles that some code opens, from their making to their end. `process.getActiveResourcesInfo()`
 * would only name their kinds; the hooks also know which code opened which, and where.
 */
export class HandleWatch {
  private readonly handles: Map<number, Handle> = new Map();
  private readonly ids: Set<number> = new Set();
  private readonly hook: ReturnType<typeof createHook>;

  /** `isWatched` says whether the code that runs now is the one to look at. */
  constructor(isWatched: () => boolean) {
    this.hook = createHook({
      init: (id, kind, trigger, resource) => {
        // What a server's socket accepts is made in no context, but says what triggered it.
        if (!isWatched() && !this.ids.has(trigger) && !anonymous.has(kind)) return;
        this.ids.add(id);
        const what = kinds[kind];
        if (what !== undefined) this.handles.set(id, { what, origin: callerOrigin(), resource });
      },
      destroy: (id) => this.handles.delete(id),
      trackPromises: false,
    }).enable();
  }

  stop(): void {
    this.hook.disable();
  }

  /** Those that are open. One that has been unref'd keeps nothing alive, and does not count. */
  leaks(): Leak[] {
    return [...this.handles.values()]
      .filter(({ resource }) => resource._destroyed !== true && resource.hasRef?.() !== false)
      .map(({ what, origin }) => ({ kind: "handle", what, origin }));
  }
}
