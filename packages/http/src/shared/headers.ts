import { describeValue } from "./describe-value.ts";

/** Headers as they can be given. A value of `undefined` removes a default header of the session. */
export type HeadersInput =
  | Headers
  | Readonly<Record<string, string | number | readonly string[] | undefined>>
  | Iterable<readonly [string, string]>;

const validName = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
// Visible characters, tab and space, and the upper half of Latin-1. No line breaks, so no second header.
const validValue = /^[\t\x20-\x7e\x80-\xff]*$/;

/** What the client itself must be sure of. */
const reserved = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade", "expect"]);

/** Headers as they came over the wire, by lower-case name. */
export type RawHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Request headers by lower-case name; later ones replace earlier ones. */
export type HeaderMap = Map<string, string[]>;

/**
 * Puts headers into a map, over those that are there.
 * @throws TypeError for a name or value that would break the request apart, and for those that the client sets itself.
 */
export function applyHeaders(target: HeaderMap, input: HeadersInput | undefined, what: string): void {
  if (input === undefined) return;
  if (typeof input !== "object" || input === null) {
    throw new TypeError(`${what}: headers: expected an object or Headers, got ${describeValue(input)}`);
  }
  const fresh: HeaderMap = new Map();
  const entries = Symbol.iterator in input ? input : Object.entries(input);
  for (const [rawName, value] of entries) {
    const name = checkName(rawName, what);
    const values = value === undefined ? [] : (Array.isArray(value) ? value : [value]).map(String);
    for (const one of values) checkValue(name, one, what);
    fresh.set(name, [...(fresh.get(name) ?? []), ...values]);
  }
  for (const [name, values] of fresh) {
    if (values.length === 0) target.delete(name);
    else target.set(name, values);
  }
}

function checkName(name: unknown, what: string): string {
  if (typeof name !== "string" || !validName.test(name)) {
    throw new TypeError(`${what}: headers: not a header's name: ${describeValue(name)}`);
  }
  const lower = name.toLowerCase();
  if (reserved.has(lower)) {
    throw new TypeError(`${what}: headers: ${lower} belongs to the connection, which the client manages itself`);
  }
  return lower;
}

function checkValue(name: string, value: string, what: string): void {
  if (validValue.test(value)) return;
  // The value may be a secret with a stray line break, so it is not printed.
  throw new TypeError(`${what}: headers: the value of ${name} holds a line break or another forbidden character`);
}

const flattened = new WeakMap<HeaderMap, readonly string[]>();

/** Headers as undici takes them. They must not change any more: a session's own are flattened once. */
export function flattenHeaders(headers: HeaderMap): readonly string[] {
  const known = flattened.get(headers);
  if (known !== undefined) return known;
  const flat: string[] = [];
  for (const [name, values] of headers) for (const value of values) flat.push(name, value);
  flattened.set(headers, flat);
  return flat;
}

/** Response headers as the platform's `Headers`. */
export function toHeaders(raw: RawHeaders): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(raw)) {
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) headers.append(name, one);
  }
  return headers;
}

/** The first value of a response header. */
export function firstHeader(raw: RawHeaders, name: string): string | undefined {
  const value = raw[name];
  return Array.isArray(value) ? value[0] : value;
}
