/** An HTTP client whose every phase is cancelled with the task that uses it. */
export type { TlsOptions } from "./connection.ts";
export { fetch } from "./default-fetch.ts";
export {
  AcquireTimeoutError,
  ConnectionError,
  ConnectTimeoutError,
  HeadersTimeoutError,
  HttpStatusError,
  HttpTimeoutError,
  MalformedResponseError,
  ReadTimeoutError,
  RedirectError,
  type RequestPhase,
  ResponseTooLargeError,
  SessionClosedError,
  TotalTimeoutError,
} from "./errors.ts";
export type { Fetch } from "./fetch.ts";
export type { HeadersInput } from "./headers.ts";
export type { QueryInput, RequestOptions, SessionOptions, TimeoutOptions } from "./options.ts";
export type { PoolStatistics } from "./pool.ts";
export type { FormFields, RequestBody } from "./request-body.ts";
export type { ClientResponse } from "./response.ts";
export type { RetryOptions } from "./retry.ts";
export { ClientSession } from "./session.ts";
export { redactUrl } from "./redact-url.ts";
