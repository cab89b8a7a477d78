import { describeFrame } from "../kernel/debug/call-stack.ts";
import { describeCycle, findCycles } from "../tasks/inspection/cycles.ts";
import type { AwaitedSnapshot, Snapshot, TaskSnapshot, WaitSnapshot } from "../tasks/inspection/snapshot.ts";
import { describeWait, remarksOn, titleOf } from "./describe.ts";
import { type TreeNode, renderTree } from "./render-tree.ts";

/**
 * Draws who awaits whom, as `python -m asyncio pstree` does: under each task what it waits for, and under that the tasks
 * which it awaits; in debug mode also the functions, outermost first. A task that nobody awaits is a root. One that several
 * await is drawn in full once. Cycles are marked, and named at the end. Without tasks, the text is empty.
 *
 *     process.stderr.write(`${formatTaskTree(snapshot())}\n`);
 *
 * That looks so:
 *
 *     └── (T) main #1
 *         └── the children of taskGroup, for 1.2 s
 *             ├── (T) load #2
 *             │   └── queue.get(), for 1.2 s
 *             └── (T) save #3 (not started)
 */
export function formatTaskTree(snapshot: Snapshot): string {
  const forest = new Forest(snapshot);
  const cycles = findCycles(snapshot).map((cycle) => `${describeCycle(cycle)}\n`);
  const drawn = renderTree(forest.roots());
  return cycles.length === 0 ? drawn : `${drawn}\n\n${cycles.join("").trimEnd()}`;
}

/** The way from a root to a task. */
interface Path {
  readonly id: number;
  readonly parent: Path | null;
}

class Forest {
  private readonly tasks: ReadonlyMap<number, TaskSnapshot>;
  private readonly drawn: Set<number> = new Set();

  constructor(snapshot: Snapshot) {
    this.tasks = new Map(snapshot.tasks.map((task) => [task.id, task]));
  }

  /** First those that nobody awaits, then what these do not reach: each awaits itself in the end. */
  roots(): readonly TreeNode[] {
    const awaited = new Set<number>();
    for (const { waits } of this.tasks.values()) {
      for (const { kind, id } of waits.flatMap(({ on }) => on)) if (kind === "task") awaited.add(id);
    }
    const tops = [...this.tasks.values()].filter(({ id }) => !awaited.has(id));
    const reached = new Set(tops.map(({ id }) => id));
    this.reach(tops, reached);
    for (const task of this.tasks.values()) {
      if (reached.has(task.id)) continue;
      tops.push(task);
      reached.add(task.id);
      this.reach([task], reached);
    }
    return tops.map((task) => this.taskNode(task, null));
  }

  private reach(from: readonly TaskSnapshot[], reached: Set<number>): void {
    const unvisited = [...from];
    for (let task = unvisited.pop(); task !== undefined; task = unvisited.pop()) {
      for (const { kind, id } of task.waits.flatMap(({ on }) => on)) {
        const next = kind === "task" ? this.tasks.get(id) : undefined;
        if (next === undefined || reached.has(id)) continue;
        reached.add(id);
        unvisited.push(next);
      }
    }
  }

  private taskNode(task: TaskSnapshot, parent: Path | null): TreeNode {
    const title = `(T) ${titleOf(task)}`;
    if (isOn(parent, task.id)) return leaf(`${title} (a cycle)`);
    // Asked for only when all above has been drawn, so the first place is the one where it is drawn in full.
    const isRepeated = (): boolean => this.drawn.has(task.id);
    return {
      get text() {
        return `${title}${isRepeated() ? " (see above)" : remarksOn(task)}`;
      },
      children: () => {
        if (isRepeated()) return [];
        this.drawn.add(task.id);
        return this.waitNodes(task.waits, 0, { id: task.id, parent });
      },
    };
  }

  /** The waits of a task, under the functions in which they are. Those that share their outer functions share the lines. */
  private waitNodes(waits: readonly WaitSnapshot[], depth: number, path: Path): readonly TreeNode[] {
    const nodes: TreeNode[] = [];
    const byFrame = new Map<string, WaitSnapshot[]>();
    for (const wait of waits) {
      const frame = wait.stack?.at(-depth - 1);
      if (frame === undefined) nodes.push(this.waitNode(wait, path));
      else {
        const text = describeFrame(frame);
        byFrame.set(text, [...(byFrame.get(text) ?? []), wait]);
      }
    }
    for (const [text, inside] of byFrame) {
      nodes.push({ text, children: () => this.waitNodes(inside, depth + 1, path) });
    }
    return nodes;
  }

  private waitNode(wait: WaitSnapshot, path: Path): TreeNode {
    return { text: describeWait(wait), children: () => wait.on.map((awaited) => this.awaitedNode(awaited, path)) };
  }

  private awaitedNode(awaited: AwaitedSnapshot, path: Path): TreeNode {
    if (awaited.kind === "future") return leaf(`(F) ${awaited.name}`);
    const task = this.tasks.get(awaited.id);
    return task === undefined ? leaf(`(T) ${titleOf(awaited)} (unknown)`) : this.taskNode(task, path);
  }
}

function leaf(text: string): TreeNode {
  return { text, children: () => [] };
}

function isOn(path: Path | null, id: number): boolean {
  for (let at = path; at !== null; at = at.parent) if (at.id === id) return true;
  return false;
}
