import { AsyncLocalStorage } from "node:async_hooks";

/** What the store of the one `AsyncLocalStorage` shows before the floor above gives it its type. */
interface Stored {
  readonly kind: string;
  readonly name: string;
  readonly parent: Stored | null;
}

const key = Symbol.for("tsyncio.storage.1");

function sharedStorage(): AsyncLocalStorage<Stored> {
  const holder = globalThis as { [key]?: AsyncLocalStorage<Stored> };
  return (holder[key] ??= new AsyncLocalStorage<Stored>({ name: "tsyncio" }));
}

/** Its store is the current scope, and nothing else is ever stored in it. All copies of tsyncio share it. */
export const storage: AsyncLocalStorage<Stored> = sharedStorage();

/** The name of the task that is running now; undefined outside any. */
export function currentTaskName(): string | undefined {
  for (let scope: Stored | null = storage.getStore() ?? null; scope !== null; scope = scope.parent) {
    if (scope.kind === "task") return scope.name;
  }
  return undefined;
}
