/** What kind of trouble a service is in, or we are in with it. */
export type ServiceTrouble =
  /** Too much was asked at once: 429, 503, 529. Worth another try, later. */
  | "overload"
  /** The service failed or cannot be reached, for the moment: 5xx, a broken connection, no answer in time. */
  | "failure"
  /** One request is too large; a part of it may not be. */
  | "too-large"
  /** This request will never be answered, others may: 400, a refusal, an answer that makes no sense. */
  | "bad-request"
  /** No request will be answered: a wrong key, an unknown model, an empty account. */
  | "hopeless";

/** What is known of a {@link ServiceError} besides its message. */
export interface ServiceErrorDetails {
  readonly status?: number | undefined;
  /** How long the service asked to be left alone, in milliseconds. */
  readonly retryAfter?: number | undefined;
  readonly cause?: unknown;
}

/**
 * A service of models did not give the answer that it was asked for. The message holds what the service said, and never
 * a key or a password.
 */
export class ServiceError extends Error {
  override readonly name = "ServiceError";
  readonly trouble: ServiceTrouble;
  readonly status: number | undefined;
  readonly retryAfter: number | undefined;

  constructor(trouble: ServiceTrouble, message: string, details: ServiceErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.trouble = trouble;
    this.status = details.status;
    this.retryAfter = details.retryAfter;
  }
}

/** Whether a failure will meet every other document as well, so that a run had better end. */
export function endsTheRun(error: unknown): boolean {
  return error instanceof ServiceError && error.trouble === "hopeless";
}
