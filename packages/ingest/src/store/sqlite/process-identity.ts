import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";

/**
 * Names a process so that another one can tell, later, whether it still runs. A pid alone cannot: pids are used
 * again, they start over with the machine, and each container counts its own.
 */
export interface ProcessIdentity {
  readonly pid: number;
  readonly host: string;
  /** Which start of the machine; empty where the system does not say. */
  readonly boot: string;
  /** Which numbering of pids (containers have their own); empty where the system does not say. */
  readonly namespace: string;
  /** When the process started, in the system's own ticks; empty where the system does not say. */
  readonly started: string;
}

export function ownIdentity(): ProcessIdentity {
  return {
    pid: process.pid,
    host: hostname(),
    boot: bootId(),
    namespace: pidNamespace(),
    started: startOf(process.pid) ?? "",
  };
}

/** Whether a process still runs; "unknown" if it runs, or ran, where this one cannot look. */
export function lifeOf(holder: ProcessIdentity, self: ProcessIdentity = ownIdentity()): "alive" | "dead" | "unknown" {
  if (holder.host === self.host && holder.boot !== self.boot) return "dead";
  if (holder.boot !== self.boot || holder.namespace !== self.namespace) return "unknown";
  if (holder.boot === "" && holder.host !== self.host) return "unknown";
  if (holder.started === "") return answersSignals(holder.pid) ? "alive" : "dead";
  return startOf(holder.pid) === holder.started ? "alive" : "dead";
}

/** Field 22 of /proc/<pid>/stat. The second field, the program's name, may itself hold spaces and parentheses. */
function startOf(pid: number): string | undefined {
  const stat = read(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state] = fields;
  return state === "Z" || state === "X" ? undefined : fields[19];
}

function bootId(): string {
  return read("/proc/sys/kernel/random/boot_id").trim();
}

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function answersSignals(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
