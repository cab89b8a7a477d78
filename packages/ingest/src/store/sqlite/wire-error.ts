import { RecordError, StoreError } from "../errors.ts";
import type { WireError } from "./protocol.ts";

export function toWire(error: unknown): WireError {
  if (error instanceof StoreError) {
    const cause = error.cause instanceof Error ? error.cause.message : undefined;
    return { kind: "store", code: error.code, problem: error.problem, advice: error.advice, cause };
  }
  if (error instanceof RecordError) return { kind: "record", source: error.source, problem: error.problem };
  if (error instanceof Error) return { kind: "other", name: error.name, message: error.message, stack: error.stack };
  return { kind: "other", name: "Error", message: String(error), stack: undefined };
}

export function fromWire(wire: WireError): Error {
  switch (wire.kind) {
    case "store":
      return new StoreError(
        wire.code,
        wire.problem,
        wire.advice,
        wire.cause === undefined ? {} : { cause: new Error(wire.cause) },
      );
    case "record":
      return new RecordError(wire.source, wire.problem);
    case "other": {
      const error = new Error(wire.message);
      error.name = wire.name;
      if (wire.stack !== undefined) error.stack = wire.stack;
      return error;
    }
  }
}
