/** What runs in each worker thread of a pool: it is handed one job at a time. */
import type { JobReply, JobRequest } from "./job.ts";
import { toWire } from "./wire-error.ts";

/**
 * Calls an exported function of a module, loading the module on its first use. Answers with what it returned or threw;
 * rejects never, so that a rejection on the other side always means that the thread itself is at fault.
 */
export async function runJob({ module, exportName, argument }: JobRequest): Promise<JobReply> {
  try {
    const exports = (await import(module)) as Readonly<Record<string, unknown>>;
    const call = exports[exportName];
    if (typeof call !== "function") {
      const names = Object.keys(exports).filter((name) => typeof exports[name] === "function");
      const known = names.length === 0 ? "no functions" : names.join(", ");
      throw new TypeError(`${module} exports no function "${exportName}"; it exports ${known}`);
    }
    return { kind: "returned", value: await (call as (argument: unknown) => unknown)(argument) };
  } catch (error) {
    return { kind: "threw", error: toWire(error) };
  }
}
