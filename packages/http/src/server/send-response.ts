import { type ServerResponse, STATUS_CODES } from "node:http";
import { suspend, throwIfCancelled, type Wait } from "tsyncio";
import { describeValue } from "../shared/describe-value.ts";
import { Timer } from "../shared/timer.ts";

type Outgoing = ServerResponse;
type Read = Awaited<ReturnType<ReadableStreamDefaultReader<Uint8Array>["read"]>>;

/** How an answer is to be sent. */
export interface SendingRules {
  /** Whether the connection ends with this answer; asked when the head is sent. */
  readonly close: () => boolean;
  /** How long the client may leave the answer unread, in milliseconds. */
  readonly sendTimeout: number;
}

/** Up to this, in bytes, a body goes out in one piece with its head. */
const smallAnswer = 8 * 1024;

/** Beyond this, in bytes, an answer is waited for until the client's side has taken it. */
const largeAnswer = 64 * 1024;

/**
 * How many turns of the microtask queue the body of a `Response` that was made of a string or bytes takes until it says
 * that it is over. What takes longer is a stream, and its head is sent at once.
 */
const ticksToEnd = 6;

/** What a handler has returned, if it can be sent. */
export function checkResponse(response: Response | undefined | void): Response {
  if (typeof response === "object" && typeof response.status === "number") return response;
  throw new TypeError(`the handler returned ${describeValue(response)}: expected a Response`);
}

/**
 * Sends a web `Response`. The body is pulled as the client takes it; a wait for either belongs to the current scope. If
 * that is cancelled, or the body fails, the source of the body is cancelled and this rejects: what was sent of the answer
 * is all that the client gets, and the caller sees to its connection.
 *
 * The framing is ours: `content-length` is what is sent, or else the answer is cut, and the handler's own
 * `transfer-encoding` and `connection` (other than `close`) are dropped, so that nobody can tell the answer's end
 * differently from the client.
 */
export async function sendResponse(outgoing: Outgoing, response: Response, rules: SendingRules): Promise<void> {
  const { body } = response;
  if (body === null || isBodiless(outgoing, response.status)) {
    body?.cancel().catch(() => {});
    writeHead(outgoing, response, rules, 0);
    outgoing.end();
    return;
  }
  const reader = body.getReader();
  const first = await glance(reader.read());
  if (!first.settled) return stream(outgoing, response, rules, reader, first.read);
  const { done, value } = first.result;
  if (done) {
    writeHead(outgoing, response, rules, 0);
    outgoing.end();
    return;
  }
  const second = await glance(reader.read());
  if (!second.settled || !second.result.done) {
    const read = second.settled ? Promise.resolve(second.result) : second.read;
    return stream(outgoing, response, rules, reader, read, value);
  }
  writeHead(outgoing, response, rules, value.byteLength);
  endWith(outgoing, value);
  if (value.byteLength > largeAnswer) await flushed(outgoing, rules.sendTimeout);
}

/**
 * Sends a body that is known as a whole. Node sends a head and a string in one piece, and a head and bytes in two; making a
 * string of a few bytes is cheaper than the second piece.
 */
function endWith(outgoing: Outgoing, body: Uint8Array): void {
  if (body.byteLength > smallAnswer) outgoing.end(body);
  else outgoing.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString("latin1"), "latin1");
}

/** Waits a few microtasks for a read, and no longer. */
async function glance(read: Promise<Read>): Promise<Glance> {
  const seen: { result?: Read; failed?: true } = {};
  read.then(
    (result) => {
      seen.result = result;
    },
    () => {
      seen.failed = true;
    },
  );
  for (let tick = 0; tick < ticksToEnd && seen.result === undefined; tick += 1) {
    if (seen.failed) await read;
    await nextTick;
  }
  return seen.result === undefined ? { settled: false, read } : { settled: true, result: seen.result };
}

type Glance =
  | { readonly settled: true; readonly result: Read }
  | { readonly settled: false; readonly read: Promise<Read> };

const nextTick = Promise.resolve();

async function stream(
  outgoing: Outgoing,
  response: Response,
  rules: SendingRules,
  reader: ReadableStreamDefaultReader<Uint8Array>,
  begun: Promise<Read>,
  first?: Uint8Array,
): Promise<void> {
  // A cancelled scope ends a read that hangs by cancelling its source.
  let stopWatching = (): void => {};
  suspend<void>("the answer's body", (wait) => {
    stopWatching = () => void wait.resolve();
  }).catch((cancellation: unknown) => void reader.cancel(cancellation).catch(() => {}));
  begun.catch(() => {});
  try {
    throwIfCancelled();
    const declared = writeHead(outgoing, response, rules, null);
    outgoing.flushHeaders();
    let size = 0;
    const write = async (chunk: Uint8Array): Promise<void> => {
      size += chunk.byteLength;
      if (declared !== null && size > declared) throw new Error(wrongLength(declared, `${size} or more`));
      if (!outgoing.write(chunk)) await drained(outgoing, rules.sendTimeout);
    };
    if (first !== undefined) await write(first);
    for (let read = begun; ; read = reader.read()) {
      const { done, value } = await read;
      throwIfCancelled();
      if (done) break;
      await write(value);
    }
    if (declared !== null && size < declared) throw new Error(wrongLength(declared, String(size)));
    outgoing.end();
    await flushed(outgoing, rules.sendTimeout);
  } catch (error) {
    reader.cancel(error).catch(() => {});
    throw error;
  } finally {
    stopWatching();
  }
}

function wrongLength(declared: number, actual: string): string {
  return `the response's content-length is ${declared}, but its body has ${actual} bytes`;
}

/**
 * Sends the head.
 * @param known The length of the body, if it is known; otherwise the handler's word counts.
 * @returns The length that the head announces for a body that comes in pieces, or null.
 */
function writeHead(outgoing: Outgoing, response: Response, rules: SendingRules, known: number | null): number | null {
  const { status, statusText } = response;
  const fields: string[] = [];
  let declared: number | null = null;
  let close = rules.close();
  for (const [name, value] of response.headers) {
    if (name === "content-length") declared = readLength(value);
    else if (name === "connection") close ||= value.toLowerCase() === "close";
    else if (name !== "transfer-encoding" && name !== "keep-alive") fields.push(name, value);
  }
  // An answer to HEAD, and a 304, tell the length that they would have had.
  const tellsOther = outgoing.req.method === "HEAD" || status === 304;
  const length = tellsOther ? declared : (known ?? declared);
  if (length !== null && status !== 204) fields.push("content-length", String(length));
  if (close) fields.push("connection", "close");
  outgoing.writeHead(status, statusText || STATUS_CODES[status] || "Unknown", fields);
  return length;
}

function readLength(declared: string): number {
  if (/^\d{1,15}$/.test(declared)) return Number(declared);
  throw new Error(`the response's content-length is no number: ${JSON.stringify(declared)}`);
}

function isBodiless(outgoing: Outgoing, status: number): boolean {
  return outgoing.req.method === "HEAD" || status === 204 || status === 205 || status === 304;
}

/** Waits until the client has taken enough for more to be written. */
export function drained(outgoing: Outgoing, sendTimeout: number): Promise<void> {
  return untilTaken(outgoing, "drain", () => !outgoing.writableNeedDrain, sendTimeout);
}

/** Waits until everything has gone out. */
export function flushed(outgoing: Outgoing, sendTimeout: number): Promise<void> {
  return untilTaken(outgoing, "finish", () => outgoing.writableFinished, sendTimeout);
}

async function untilTaken(
  outgoing: Outgoing,
  event: "drain" | "finish",
  done: () => boolean,
  sendTimeout: number,
): Promise<void> {
  if (done()) return;
  if (outgoing.destroyed) throw new Error("the connection is closed");
  const timer = new Timer();
  timer.set(sendTimeout, () => outgoing.socket?.destroy());
  try {
    await suspend<void>("the client to read", (wait) => listen(outgoing, event, wait));
  } finally {
    timer.clear();
  }
  if (!done()) throw new Error("the connection is closed");
}

function listen(outgoing: Outgoing, event: string, wait: Wait<void>): () => void {
  const leave = (): void => {
    outgoing.off(event, taken).off("close", taken);
  };
  const taken = (): void => {
    leave();
    wait.resolve();
  };
  outgoing.on(event, taken).on("close", taken);
  return leave;
}
