/** One event of a server. */
export interface ServerSentEvent {
  /** `message` unless the server says otherwise. */
  readonly type: string;
  /** Its lines, joined by `\n`. */
  readonly data: string;
  /** The identifier of this event or, if it has none, of the last one before it that had. */
  readonly lastEventId: string;
}
