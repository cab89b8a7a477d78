type Unit = "ms" | "s" | "m" | "h";

/**
 * A length of time: a number of milliseconds, or a literal such as `"250ms"`, `"1.5s"`, `"5m"`, `"2h"`.
 * `Infinity` means for ever. {@link toMilliseconds} converts it.
 */
export type Duration = number | `${number}${Unit}`;

const milliseconds: Readonly<Record<Unit, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

const literal = /^(\d+(?:\.\d+)?|\.\d+)(ms|s|m|h)$/;

/**
 * The number of milliseconds in a duration. Negative numbers are allowed, and mean a moment that has passed.
 *
 *     console.log(toMilliseconds("1.5s")); // 1500
 *
 * @throws RangeError for NaN, and for a string that is not a duration.
 */
export function toMilliseconds(duration: Duration, what = "duration"): number {
  if (typeof duration === "number") {
    if (Number.isNaN(duration)) throw new RangeError(`${what}: expected a number of milliseconds, got NaN`);
    return duration;
  }
  const match = typeof duration === "string" ? literal.exec(duration) : null;
  if (match === null) {
    const got = typeof duration === "string" ? JSON.stringify(duration) : String(duration);
    throw new RangeError(
      `${what}: expected milliseconds or a literal such as "250ms", "1.5s", "5m" or "2h", got ${got}`,
    );
  }
  return Number(match[1]) * milliseconds[match[2] as Unit];
}
