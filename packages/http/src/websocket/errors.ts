/** The connection is closed: by either side, or it broke. */
export class WebSocketClosedError extends Error {
  override readonly name = "WebSocketClosedError";
  readonly code = "EWEBSOCKETCLOSED";
  /** The close code: 1000 for a normal end, 1006 if the connection broke without one. */
  readonly closeCode: number;
  /** What the one who closed it said about it. */
  readonly reason: string;

  constructor(closeCode: number, reason: string, cause?: unknown) {
    const said = reason === "" ? "" : `: ${reason}`;
    const broke = cause instanceof Error ? ` (${cause.message})` : "";
    super(`the WebSocket is closed with ${closeCode}${said}${broke}`, cause === undefined ? undefined : { cause });
    this.closeCode = closeCode;
    this.reason = reason;
  }
}

/** The opening handshake failed: the server answered something else, or the client's request was no handshake. */
export class WebSocketHandshakeError extends Error {
  override readonly name = "WebSocketHandshakeError";
  readonly code = "EWEBSOCKETHANDSHAKE";
  /** What the server answered, or what this server answers. */
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}
