import { describeFrame } from "../kernel/debug/call-stack.ts";
import type { Outcome } from "../tasks/outcome.ts";
import { currentTask } from "../tasks/task.ts";
import { type CallGraph, type CallGraphOptions, captureCallGraph } from "./call-graph.ts";

/** Options of {@link printCallGraph}. */
export interface PrintCallGraphOptions extends CallGraphOptions {
  /** Where the text goes. Default: the standard output. */
  readonly stream?: { write(text: string): unknown };
}

/**
 * Prints where a task is, and who awaits it: {@link formatCallGraph}, and a line feed. By default for the current task;
 * outside any, it says so.
 *
 *     const task = createTask(() => fetchPage(url));
 *     printCallGraph(task, { stream: process.stderr });
 */
export function printCallGraph(
  future: Outcome<unknown> | undefined = currentTask(),
  options: PrintCallGraphOptions = {},
): void {
  const { stream = process.stdout } = options;
  const graph = captureCallGraph(future, options);
  stream.write(`${graph === null ? "outside any task" : formatCallGraph(graph)}\n`);
}

const withoutStacks = "not known: debug mode keeps it (TSYNCIO_DEBUG=1, or run(main, { debug: true }))";

/**
 * Puts a call graph in words, as Python's `asyncio.format_call_graph` does.
 *
 *     const task = createTask(() => fetchPage(url));
 *     const graph = captureCallGraph(task);
 *     if (graph !== null) process.stderr.write(`${formatCallGraph(graph)}\n`);
 *     // * Task(name="load", id=3)
 *     //   + Waits for: sleep(1h)
 *     //   + Call stack:
 *     //   |   load (/app/main.ts:5:9)
 *     //   + Awaited by:
 *     //     * Task(name="main", id=1)
 *     //       + Waits for: the children of taskGroup
 *     //       + Call stack:
 *     //       |   async main (/app/main.ts:9:3)
 */
export function formatCallGraph(graph: CallGraph): string {
  const lines: string[] = [];
  const pending: { readonly node: CallGraph; readonly margin: string }[] = [{ node: graph, margin: "" }];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { node, margin } = next;
    lines.push(`${margin}* ${titleOf(node)}`);
    if (node.repeats !== null) continue;
    if (node.waitsFor !== null) lines.push(`${margin}  + Waits for: ${node.waitsFor}`);
    lines.push(...stackLines(node).map((line) => `${margin}  ${line}`));
    if (node.awaitedBy.length === 0) continue;
    lines.push(`${margin}  + Awaited by:`);
    for (const above of node.awaitedBy.toReversed()) pending.push({ node: above, margin: `${margin}    ` });
  }
  return lines.join("\n");
}

function titleOf({ future, name, repeats }: CallGraph): string {
  if (future === null) return `code outside any task, in ${name}`;
  const { id } = future as { readonly id?: number };
  const title =
    id === undefined ? `Future(name=${JSON.stringify(name)})` : `Task(name=${JSON.stringify(name)}, id=${id})`;
  if (repeats === "cycle") return `${title}: a cycle, it waits for itself in the end`;
  return repeats === "elsewhere" ? `${title}: see above` : title;
}

function stackLines({ future, callStack }: CallGraph): readonly string[] {
  const isTask = future === null || "id" in future;
  if (callStack === null) return isTask ? [`+ Call stack: ${withoutStacks}`] : [];
  if (callStack.length === 0) return [];
  return ["+ Call stack:", ...callStack.map((frame) => `|   ${frame.async ? "async " : ""}${describeFrame(frame)}`)];
}
