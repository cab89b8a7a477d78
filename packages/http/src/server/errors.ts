/**
 * What ends a request on the server before its handler has answered. The first two are the `reason` (and the `cause`)
 * of the `CancelledError` that the handler's waits reject with; the last two are ordinary errors.
 *
 *     Error
 *     ├─ ClientDisconnected      the client left: nobody would read the answer
 *     ├─ ServerShutdown          the drain is over, and the request was still running
 *     ├─ HandlerTimeoutError     the handler took longer than `handlerTimeout`; answered with 503
 *     └─ RequestTooLargeError    the body is larger than `maxBodySize`; answered with 413
 */

/**
 * The client closed the connection before its request was answered.
 *
 *     try {
 *       await report();
 *     } catch (error) {
 *       if (isCancelled(error) && error.reason instanceof ClientDisconnected) log("left early");
 *       throw error;
 *     }
 */
export class ClientDisconnected extends Error {
  override readonly name = "ClientDisconnected";
  readonly code = "ECLIENTDISCONNECTED";

  constructor(request: string) {
    super(`${request}: the client has left`);
  }
}

/** The server shuts down, and a request was still running when its drain was over. */
export class ServerShutdown extends Error {
  override readonly name = "ServerShutdown";
  readonly code = "ESERVERSHUTDOWN";

  constructor() {
    super("the server shuts down");
  }
}

/** The handler did not answer within `handlerTimeout`. The client was told 503. */
export class HandlerTimeoutError extends Error {
  override readonly name = "HandlerTimeoutError";
  readonly code = "EHANDLERTIMEOUT";

  constructor(request: string, limit: number) {
    super(`${request}: no answer within ${limit} ms`);
  }
}

/**
 * The request's body is larger than the server's `maxBodySize`. Reading it throws this; a handler that lets it pass
 * answers 413. Hono's default error handler does too, through {@link getResponse}.
 */
export class RequestTooLargeError extends Error {
  override readonly name = "RequestTooLargeError";
  readonly code = "EREQUESTTOOLARGE";
  readonly status = 413;
  /** The limit that was passed, in bytes. */
  readonly limit: number;

  constructor(limit: number) {
    super(`the request's body is larger than ${limit} bytes (maxBodySize)`);
    this.limit = limit;
  }

  /** The answer that says so. */
  getResponse(): Response {
    return new Response("Content Too Large", { status: 413 });
  }
}
