import { RecordError, StoreError } from "../errors.ts";

interface Failure {
  readonly code: StoreError["code"];
  readonly problem: string;
  readonly advice: string;
}

const DAMAGED_ADVICE =
  "Nothing was changed. Restore a copy, or move the file (with its -wal and -shm) away and ingest again";

/** By SQLite's primary result code (https://sqlite.org/rescode.html). */
const FAILURES: ReadonlyMap<number, Failure> = new Map<number, Failure>([
  [5, locked()],
  [6, locked()],
  [
    8,
    {
      code: "read-only",
      problem: "cannot be written",
      advice: "Check the permissions of the file and its folder, and that the disk is not mounted read-only",
    },
  ],
  [
    10,
    {
      code: "io",
      problem: "could not be read or written by the operating system",
      advice: "Check the disk; what was reported as saved is safe once it works again",
    },
  ],
  [11, { code: "damaged", problem: "is damaged", advice: DAMAGED_ADVICE }],
  [
    13,
    {
      code: "full",
      problem: "has no room left: the disk is full",
      advice: "Free some space and run again; what was reported as saved is in",
    },
  ],
  [
    14,
    {
      code: "cannot-open",
      problem: "cannot be opened",
      advice: "Check that its folder exists and can be written, and that the path is not a folder",
    },
  ],
  [
    26,
    { code: "not-a-store", problem: "is not a SQLite database, or its beginning is damaged", advice: DAMAGED_ADVICE },
  ],
]);

/** Turns whatever the database threw into an error that says what happened to which store and what to do. */
export function explain(error: unknown, display: string): Error {
  if (error instanceof StoreError || error instanceof RecordError) return error;
  if (!isSqliteError(error)) return error instanceof Error ? error : new Error(String(error));
  const failure = FAILURES.get(error.errcode & 0xff);
  if (failure === undefined) {
    return new StoreError(
      "internal",
      `the database of ${display} refused a statement (${error.message}, code ${error.errcode})`,
      "This is a bug: please report it",
      { cause: error },
    );
  }
  return new StoreError(
    failure.code,
    `${display} ${failure.problem} (SQLite: ${error.message}, code ${error.errcode})`,
    failure.advice,
    { cause: error },
  );
}

/** Whether the next document is bound to meet the same failure, so that retrying each alone only costs time. */
export function strikesEveryDocument(error: unknown): boolean {
  return isSqliteError(error) && [5, 6, 8, 10, 11, 14, 26].includes(error.errcode & 0xff);
}

function locked(): Failure {
  return {
    code: "locked",
    problem: "is locked by another process",
    advice: "Wait until the other process is done, or end it, and run again",
  };
}

function isSqliteError(error: unknown): error is Error & { readonly errcode: number } {
  return error instanceof Error && "errcode" in error && typeof error.errcode === "number";
}
