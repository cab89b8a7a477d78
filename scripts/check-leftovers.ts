/**
 * Finds what belongs to one machine and not into the repository: the absolute path of a checkout, and in a lock file the host
 * of a registry, which would send everybody else's `npm ci` there.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";

/** Looks through one file. `checkout` is the absolute path of this checkout. */
export function findLeftovers(file: string, text: string, checkout: string): string[] {
  const isLock = file.endsWith("package-lock.json");
  return text.split("\n").flatMap((line, index) => {
    const place = `${file}:${index + 1}`;
    if (mentions(line, checkout)) return [`${place}: holds the path of this checkout`];
    if (isLock && /"resolved": "[a-z+]+:/.test(line))
      return [`${place}: names the host of a registry; npm must omit it`];
    return [];
  });
}

/** A checkout in a folder right under the root, such as `/app`, is too short a text to tell it from others. */
function mentions(line: string, checkout: string): boolean {
  if (checkout.split(/[/\\]/).length < 3) return false;
  const at = line.indexOf(checkout);
  return at !== -1 && !/[\w-]/.test(line[at + checkout.length] ?? "");
}

/** Git refuses a checkout that belongs to another user, as it does where CI runs as root; listing its files is harmless. */
function committedFiles(): string[] {
  const args = ["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"];
  const files = execFileSync("git", args, { encoding: "utf8" }).split("\0");
  return files.filter((file) => file !== "" && statSync(file, { throwIfNoEntry: false })?.isFile());
}

if (import.meta.main) {
  const leftovers = committedFiles().flatMap((file) => findLeftovers(file, readFileSync(file, "utf8"), process.cwd()));
  for (const leftover of leftovers) console.error(leftover);
  process.exitCode = leftovers.length === 0 ? 0 : 1;
}
