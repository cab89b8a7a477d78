/** HTTP client, server and WebSockets that are cancelled with the task that uses them. */
export type { RedirectOptions } from "./client/call/redirect-rules.ts";
export type { RetryOptions } from "./client/call/retry.ts";
export type { TimeoutOptions } from "./client/call/timeouts.ts";
export type { ProxyOptions } from "./client/connect/proxy-rules.ts";
export type { TlsOptions } from "./client/connect/tls-options.ts";
export { CookieJar, type SavedCookies } from "./client/cookies/cookie-jar.ts";
export {
  AcquireTimeoutError,
  ConnectionError,
  ConnectTimeoutError,
  HeadersTimeoutError,
  HttpStatusError,
  HttpTimeoutError,
  MalformedResponseError,
  ProxyError,
  ReadTimeoutError,
  RedirectError,
  type RequestPhase,
  ResponseTooLargeError,
  SessionClosedError,
  TotalTimeoutError,
} from "./client/errors.ts";
export type { EventStream, EventStreamOptions, ReconnectOptions } from "./client/events/event-stream.ts";
export type { ServerSentEvent } from "./client/events/server-sent-event.ts";
export { fetch } from "./client/fetch/default-fetch.ts";
export type { Fetch } from "./client/fetch/fetch.ts";
export type { RequestHandler } from "./client/handler/handler-exchange.ts";
export type { ClientRequest } from "./client/middleware/client-request.ts";
export type { Middleware, Next } from "./client/middleware/middleware.ts";
export type { RequestOptions, SessionOptions } from "./client/options.ts";
export type { PoolStatistics } from "./client/pool/pool.ts";
export type { Auth } from "./client/request/auth.ts";
export type { QueryInput } from "./client/request/query.ts";
export type { FormFields, RequestBody } from "./client/request/request-body.ts";
export type { ClientResponse } from "./client/response/response.ts";
export type { Timings } from "./client/response/timings.ts";
export { ClientSession, type CloseOptions } from "./client/session.ts";
export { httpChannels, type HttpEvent, traceHttp } from "./client/trace/http-events.ts";
export type { HeadersInput } from "./shared/headers.ts";
export { redactUrl } from "./shared/redact-url.ts";
export { ClientDisconnected, HandlerTimeoutError, RequestTooLargeError, ServerShutdown } from "./server/errors.ts";
export type { ServeOptions } from "./server/options.ts";
export type { Handler, RequestContext } from "./server/request-context.ts";
export type { RequestLogEntry } from "./server/request-log.ts";
export { type App, serve } from "./server/serve.ts";
export type { OutgoingEvent, OutgoingEventsOptions } from "./server/event-stream.ts";
export type { ServerStatistics } from "./server/server-life.ts";
export type { Server } from "./server/server.ts";
export { testServer, type TestServer } from "./server/test-server.ts";
export type { AcceptOptions } from "./websocket/accept.ts";
export type { WebSocketClosing, WebSocketConnection, WebSocketMessage } from "./websocket/connection.ts";
export { WebSocketClosedError, WebSocketHandshakeError } from "./websocket/errors.ts";
export type { WebSocketOptions } from "./websocket/options.ts";
export type { DialOptions } from "./websocket/session-sockets.ts";
