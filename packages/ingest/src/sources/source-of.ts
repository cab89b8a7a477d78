import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { FileSystemSource, type FileSystemSourceOptions } from "./file-system-source.ts";
import { SourceError } from "./source-error.ts";

/**
 * The source that an argument of a command means: a file, a folder, a glob (`docs/**` + `/*.md`), or a `file:` URL.
 * Relative paths are seen from the current folder. Looks at nothing yet: a path that is missing is said when the source
 * is read.
 * @throws SourceError for an empty argument and for addresses of another kind.
 */
export function sourceOf(argument: string, options?: FileSystemSourceOptions): FileSystemSource {
  if (argument.trim() === "") {
    throw new SourceError(argument, `an empty source; expected a file, a folder or a glob such as "docs/**/*.md"`);
  }
  const scheme = /^([a-z][a-z\d+.-]+):\/\//i.exec(argument)?.[1]?.toLowerCase();
  if (scheme === undefined) return new FileSystemSource(argument, resolve(argument), options);
  if (scheme === "file" && URL.canParse(argument)) {
    const path = fileURLToPath(argument);
    return new FileSystemSource(path, path, options);
  }
  throw new SourceError(
    argument,
    `${argument}: documents from ${scheme}:// addresses are not read in this version; download them ` +
      `(tsyncio fetch --output DIR) and name the folder`,
  );
}
