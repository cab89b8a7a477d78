import { getSystemErrorMap } from "node:util";

/** An error of the operating system. */
export type SystemError = NodeJS.ErrnoException & { readonly code: string };

const words: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "permission denied",
  ENOENT: "it does not exist, or is a link to something that does not",
  EISDIR: "it is a folder, not a file",
  ENOTDIR: "a part of its path is not a folder",
  ELOOP: "it is a link that leads round in a circle",
  ENXIO: "it is a socket or a pipe, not a file",
  EIO: "the disk could not be read",
  EMFILE: "too many files are open in this process",
  ENFILE: "too many files are open on this machine",
  ENAMETOOLONG: "its name is too long",
  ESTALE: "the network folder that it is in has changed",
};

export function isSystemError(error: unknown): error is SystemError {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).errno === "number";
}

/** What went wrong, in words that need no manual, with the code for those who have one. */
export function inWords({ code, errno }: SystemError): string {
  const text = words[code] ?? getSystemErrorMap().get(errno ?? 0)?.[1] ?? "the operating system refused";
  return `${text} (${code})`;
}
