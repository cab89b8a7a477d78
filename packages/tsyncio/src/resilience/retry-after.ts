/**
 * How long a `Retry-After` header asks to wait, in milliseconds, from seconds or an HTTP date (RFC 9110, 10.2.3);
 * undefined if there is none or it cannot be read. A date that has passed means 0.
 *
 *     const retryAfter = (error: unknown) =>
 *       error instanceof HttpError ? parseRetryAfter(error.headers.get("retry-after")) : undefined;
 *     show(await retry(() => load(url), { retryAfter }));
 *
 * @param now The time of day, in milliseconds since 1970: dates are compared with it.
 */
export function parseRetryAfter(value: string | null | undefined, now: number = Date.now()): number | undefined {
  const text = value?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  // Only with a letter: Date.parse takes "-1" for a date.
  const date = /[A-Za-z]/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}
