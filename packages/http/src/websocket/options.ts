import { type Duration, toMilliseconds } from "tsyncio";
import { checkCount, checkKeys } from "../shared/check.ts";

/** What both sides of a WebSocket can set. */
export interface WebSocketOptions {
  /**
   * How often the peer is pinged. One that has not answered by the next time is taken for gone: the connection is cut,
   * with close code 1006. `Infinity`: never. Default: `"25s"`.
   */
  readonly heartbeat?: Duration;
  /** The largest message that is accepted, in bytes; a larger one closes the connection with 1009. Default: 4 MiB. */
  readonly maxMessageSize?: number;
  /** How many messages are received ahead of `receive`; beyond it, the peer is held back. Default: 16. */
  readonly receiveQueue?: number;
  /** How many bytes may wait to be sent before `send` waits. Default: 64 KiB. */
  readonly sendBuffer?: number;
  /** How long the closing handshake may take before the connection is cut. Default: `"10s"`. */
  readonly closeTimeout?: Duration;
  /** Whether messages are compressed, if the peer agrees. Costs memory for each connection. Default: false. */
  readonly compression?: boolean;
}

/** The options, checked and complete. */
export interface WebSocketSettings {
  readonly heartbeat: number;
  readonly maxMessageSize: number;
  readonly receiveQueue: number;
  readonly sendBuffer: number;
  readonly closeTimeout: number;
  readonly compression: boolean;
}

const keys: readonly (keyof WebSocketOptions)[] = [
  "heartbeat",
  "maxMessageSize",
  "receiveQueue",
  "sendBuffer",
  "closeTimeout",
  "compression",
];

/**
 * @param more The names of the options of one side only.
 * @throws TypeError, RangeError for options that make no sense.
 */
export function readWebSocketOptions(
  options: WebSocketOptions,
  more: readonly string[],
  what: string,
): WebSocketSettings {
  checkKeys(options, [...keys, ...more], what);
  return {
    heartbeat: readDuration(options.heartbeat ?? "25s", `${what}: heartbeat`, 1),
    maxMessageSize: checkCount(options.maxMessageSize ?? 4 * 1024 * 1024, 1, `${what}: maxMessageSize`),
    receiveQueue: checkCount(options.receiveQueue ?? 16, 1, `${what}: receiveQueue`),
    sendBuffer: checkCount(options.sendBuffer ?? 64 * 1024, 0, `${what}: sendBuffer`),
    closeTimeout: readDuration(options.closeTimeout ?? "10s", `${what}: closeTimeout`, 0),
    compression: options.compression === true,
  };
}

function readDuration(value: Duration, what: string, least: number): number {
  const duration = toMilliseconds(value, what);
  if (duration >= least) return duration;
  throw new RangeError(`${what}: expected a duration of at least ${least} ms, got ${value}`);
}
