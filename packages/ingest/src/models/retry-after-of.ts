import { parseRetryAfter } from "tsyncio/resilience";

/** How long a response asks to be left alone, in milliseconds. */
export function retryAfterOf(headers: Headers): number | undefined {
  const exact = headers.get("retry-after-ms");
  if (exact !== null && /^\d+(\.\d+)?$/u.test(exact)) return Number(exact);
  return parseRetryAfter(headers.get("retry-after"));
}
