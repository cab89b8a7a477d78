import { ServiceError } from "./service-error.ts";

/** Reads an answer that must be JSON. */
export async function readJson<T extends object>(response: Response, path: string): Promise<T> {
  const text = await response.text();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as T;
  } catch (error) {
    throw new ServiceError("failure", `${path} answered something else than JSON: ${text.slice(0, 100)}`, {
      cause: error,
    });
  }
  throw senseless(`${path} answered ${text.slice(0, 100)}`);
}

/** The error for an answer that makes no sense: asking again would not help. */
export function senseless(what: string): ServiceError {
  return new ServiceError("bad-request", `the service gave ${what}`);
}

/** A count that a service tells, if it tells one. */
export function countOf(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 ? value : undefined;
}
