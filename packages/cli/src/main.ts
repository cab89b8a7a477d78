import { CommanderError } from "commander";
import { isCancelled, run } from "tsyncio";
import { endWhenOutputIsClosed } from "./closed-pipe.ts";
import { exitStatus } from "./exit-status.ts";
import { explain } from "./explain.ts";
import { buildProgram } from "./program.ts";

/**
 * The command `tsyncio`. Runs the sub-command that the arguments name and sets the process's exit status: 0 all done,
 * 1 failed, 2 wrong usage, 3 done but some documents were refused; a signal ends the process by that signal, once
 * what was under way has been put in order. Never rejects.
 */
export async function main(argv: readonly string[]): Promise<void> {
  endWhenOutputIsClosed();
  try {
    process.exitCode = await run(() => execute(argv), { name: "tsyncio" });
  } catch (error) {
    // The run ends the process by the signal; there is nothing to report.
    if (isCancelled(error)) return;
    process.stderr.write(`tsyncio: ${explain(error)}\n`);
    process.exitCode = exitStatus.failed;
  }
}

async function execute(argv: readonly string[]): Promise<number> {
  let status: number = exitStatus.ok;
  const program = buildProgram((result) => {
    status = result;
  });
  try {
    await program.parseAsync(argv, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    // Commander has printed what is wrong, or the help that was asked for.
    return error.exitCode === 0 ? exitStatus.ok : exitStatus.usage;
  }
  return status;
}
