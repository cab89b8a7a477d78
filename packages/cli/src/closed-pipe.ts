/**
 * What is written to a pipe that nobody reads any more, as in `tsyncio search … | head -1`, is not wanted: the process
 * ends quietly, with the status of a process that SIGPIPE has ended.
 */
export function endWhenOutputIsClosed(): void {
  for (const output of [process.stdout, process.stderr]) {
    output.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(statusOfClosedPipe);
      throw error;
    });
  }
}

const statusOfClosedPipe = 141;
