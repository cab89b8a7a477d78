import { describeValue } from "../../shared/describe-value.ts";

/** A method in upper case. @throws TypeError for what is no method, or none of a request. */
export function checkMethod(method: unknown): string {
  // The letters, digits and signs of RFC 9110, 5.6.2: no space and no line break, so no second request.
  if (typeof method !== "string" || !/^[A-Za-z0-9!#$%&'*+\-.^_`|~]+$/.test(method)) {
    throw new TypeError(`request: expected a method such as "GET", got ${describeValue(method)}`);
  }
  const upper = method.toUpperCase();
  if (upper !== "CONNECT") return upper;
  throw new TypeError("request: CONNECT makes a tunnel, not a request");
}
