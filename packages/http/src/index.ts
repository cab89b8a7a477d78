/** An HTTP client whose every phase is cancelled with the task that uses it. */
export type { TlsOptions } from "./client/pool/connection.ts";
export { fetch } from "./client/default-fetch.ts";
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
} from "./client/errors.ts";
export type { Fetch } from "./client/fetch.ts";
export type { HeadersInput } from "./shared/headers.ts";
export type { QueryInput, RequestOptions, SessionOptions, TimeoutOptions } from "./client/options.ts";
export type { PoolStatistics } from "./client/pool/pool.ts";
export type { FormFields, RequestBody } from "./client/request/request-body.ts";
export type { ClientResponse } from "./client/response/response.ts";
export type { RetryOptions } from "./client/call/retry.ts";
export { ClientSession } from "./client/session.ts";
export { redactUrl } from "./shared/redact-url.ts";
