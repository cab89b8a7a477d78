/** What kind of trouble a {@link StoreError} reports; stable, for programs. */
export type StoreErrorCode =
  /** The address is not one of a store. */
  | "address"
  /** The address names a kind of store that this version does not have. */
  | "unsupported"
  /** The file or its folder cannot be opened or made. */
  | "cannot-open"
  /** The file is not a database, or the database is not a store. */
  | "not-a-store"
  /** The database contradicts itself. */
  | "damaged"
  /** A newer version of this package made the store. */
  | "newer"
  /** Another process kept the database locked for longer than the busy timeout. */
  | "locked"
  | "read-only"
  | "full"
  /** The operating system failed to read or write. */
  | "io"
  /** Another ingest is writing to the store. */
  | "ingest-running"
  /** A prune that would remove everything of an origin. */
  | "prune-all"
  /** The question cannot be answered as it was asked. */
  | "query"
  /** `prepare` was not called, or was called for other vectors. */
  | "vectors"
  | "closed"
  /** The store's thread ended unexpectedly. */
  | "crashed"
  /** The database refused a statement; a bug in this package. */
  | "internal";

/** The store, not a document, is at fault: whatever comes next will most likely fail too. */
export class StoreError extends Error {
  override readonly name = "StoreError";
  readonly code: StoreErrorCode;
  /** What happened; the beginning of the message. */
  readonly problem: string;
  /** What the user can do about it; also the end of the message. */
  readonly advice: string;

  constructor(code: StoreErrorCode, problem: string, advice: string, options?: ErrorOptions) {
    super(`${problem}. ${advice}`, options);
    this.code = code;
    this.problem = problem;
    this.advice = advice;
  }
}

/** One document's record cannot be stored as it is; other documents are not affected. */
export class RecordError extends Error {
  override readonly name = "RecordError";
  readonly source: string;
  readonly problem: string;

  constructor(source: string, problem: string) {
    super(`the record of ${source} cannot be stored: ${problem}`);
    this.source = source;
    this.problem = problem;
  }
}
