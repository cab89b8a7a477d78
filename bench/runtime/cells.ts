/** What one run of a cell measured, in the process that did the work. */
export interface Measurement {
  /** How many operations the contender counted as they ended: a cell that did less than asked is an error. */
  readonly done: number;
  /** Milliseconds of processor time, or bytes. */
  readonly total: number;
}

/** How a contender does `n` operations of each cell for which it has something. */
export type Cells = Partial<Record<CellName, (n: number) => Promise<Measurement>>>;

interface Cell {
  readonly title: string;
  readonly unit: "us" | "bytes";
  /** How many operations, or how many tasks at once. */
  readonly n: number;
  /** A tenth or tenfold of it, to see how the cost of one grows. */
  readonly other: number;
}

const many = (title: string): Cell => ({ title, unit: "us", n: 20_000, other: 200_000 });
const atOnce = (title: string): Cell => ({ title, unit: "us", n: 100_000, other: 10_000 });

/** The cells that are measured in one process. Each contender does them in the way that its own documentation shows. */
export const cells = {
  /** Two tasks wake each other in turn: one operation is one wait of one of them. */
  suspend: many("suspend and resume"),
  /** A thousand tasks at a time, each an async function that returns at once, in a group that awaits them. */
  spawn: many("spawn and join in a group"),
  /** All tasks in one group, each sleeping 1 ms. */
  "spawn-sleep": atOnce("spawn, sleep 1 ms, join"),
  /** One task puts, one gets. */
  "queue-unbounded": many("queue, unbounded, 1 to 1"),
  /** As above, with room for 16. */
  "queue-bounded": many("queue of 16, 1 to 1"),
  /** Eight tasks put, eight get, with room for 16. */
  "queue-many": many("queue of 16, 8 to 8"),
  /** A hundred tasks take one lock in turn, and yield once while they hold it. */
  lock: many("lock, 100 contenders"),
  /** As above, with a semaphore of ten permits. */
  semaphore: many("semaphore of 10, 100 contenders"),
  /** An async function that yields once, for each of the numbers, all at once. */
  gather: atOnce("gather, no limit"),
  /** As above, ten at a time. */
  map: many("map, 10 at a time"),
  /** A minute's timeout around an async function that returns at once, one after the other. */
  timeout: many("timeout entered and left"),
  /** Sleeping tasks are woken by their timers, all due at one moment: from then until all are joined. */
  wake: atOnce("wake a sleeping task"),
  /** The same tasks cancelled: from the cancellation until all are joined. */
  cancel: atOnce("cancel a sleeping task"),
  /** What one sleeping task holds. */
  memory: { title: "memory of a sleeping task", unit: "bytes", n: 100_000, other: 1_000_000 },
} as const satisfies Record<string, Cell>;

export type CellName = keyof typeof cells;

export const cellNames = Object.keys(cells) as CellName[];
