import { inspect } from "node:util";

type Scalar = string | number | boolean | bigint | null | undefined;

/**
 * What was thrown, as plain data. The structured clone algorithm forgets the name and the properties of an error that
 * is not one of the language's own, and refuses some of them altogether; this keeps what tells one error from another.
 */
export type WireError =
  | { readonly kind: "value"; readonly value: Scalar }
  | {
      readonly kind: "error";
      readonly base: BaseName;
      readonly name: string;
      readonly message: string;
      readonly stack: string | undefined;
      readonly cause: WireError | undefined;
      readonly errors: readonly WireError[] | undefined;
      /** Its own further properties, such as `code`, as far as they are no objects. */
      readonly properties: Readonly<Record<string, Scalar>>;
    };

const bases = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError } as const;
type BaseName = keyof typeof bases;

/** Chains of causes may be circular, or as long as somebody likes. */
const maxDepth = 8;

const ownFields: ReadonlySet<string> = new Set(["name", "message", "stack", "cause", "errors"]);

/** Describes what a job threw. Never throws itself, whatever it is given. */
export function toWire(thrown: unknown, depth = 0): WireError {
  if (!(thrown instanceof Error)) return { kind: "value", value: isScalar(thrown) ? thrown : inspect(thrown) };
  const { cause, errors } = thrown as Error & { cause?: unknown; errors?: unknown };
  const deeper = depth < maxDepth;
  return {
    kind: "error",
    base: baseOf(thrown),
    name: textOf(thrown.name),
    message: textOf(thrown.message),
    stack: typeof thrown.stack === "string" ? thrown.stack : undefined,
    cause: deeper && Object.hasOwn(thrown, "cause") ? toWire(cause, depth + 1) : undefined,
    errors: deeper && Array.isArray(errors) ? errors.map((error) => toWire(error, depth + 1)) : undefined,
    properties: Object.fromEntries(
      Object.entries(thrown).filter(
        (entry): entry is [string, Scalar] => !ownFields.has(entry[0]) && isScalar(entry[1]),
      ),
    ),
  };
}

/** An error of the same name, message, stack and cause; of the language's own classes, also of the same class. */
export function fromWire(wire: WireError): unknown {
  if (wire.kind === "value") return wire.value;
  const options = wire.cause === undefined ? undefined : { cause: fromWire(wire.cause) };
  const error =
    wire.errors === undefined
      ? new bases[wire.base](wire.message, options)
      : new AggregateError(wire.errors.map(fromWire), wire.message, options);
  Object.assign(error, wire.properties);
  if (wire.name !== error.name) define(error, "name", wire.name);
  define(error, "stack", wire.stack ?? `${wire.name}: ${wire.message}`);
  return error;
}

function baseOf(error: Error): BaseName {
  const names = Object.keys(bases) as BaseName[];
  return names.find((name) => name !== "Error" && error instanceof bases[name]) ?? "Error";
}

function isScalar(value: unknown): value is Scalar {
  return value === null || !["object", "function", "symbol"].includes(typeof value);
}

/** Nothing stops anybody from giving an error a name that is no string. */
function textOf(value: unknown): string {
  return typeof value === "string" ? value : inspect(value);
}

function define(error: Error, property: "name" | "stack", value: string): void {
  Object.defineProperty(error, property, { value, writable: true, configurable: true, enumerable: false });
}
