const MONTHS: readonly string[] = [
  "january",
  "february",
  "march",
  "april",
  "may",
  "june",
  "july",
  "august",
  "september",
  "october",
  "november",
  "december",
];

const MONTH = `(?:${MONTHS.map((month) => (month.length > 4 ? `${month.slice(0, 3)}(?:${month.slice(3)})?` : month)).join("|")}|sept)`;
const DATE = new RegExp(
  [
    String.raw`\b(?<year>\d{4})-(?<month>\d{2})-(?<day>\d{2})(?![\d-])`,
    String.raw`\b(?<day>\d{1,2})(?:st|nd|rd|th)?(?: of)? (?<name>${MONTH})\.?,? (?<year>\d{4})\b`,
    String.raw`\b(?<name>${MONTH})\.? (?<day>\d{1,2})(?:st|nd|rd|th)?,? (?<year>\d{4})\b`,
  ].join("|"),
  "giu",
);

const YEAR = /\d{4}/;

const FIRST_YEAR = 1000;
const LAST_YEAR = 2999;

/**
 * The dates in a text, as `YYYY-MM-DD`, in the order in which they stand there: `2026-03-01` (also at the head of a
 * time), `1 March 2026`, `March 1st, 2026`, `Mar 1, 2026`. Days that no calendar has are left out, and so are forms that
 * mean different days in different countries, such as 03/01/2026.
 */
export function* datesIn(text: string): Generator<string, void, undefined> {
  if (!mayHoldDate(text)) return;
  for (const { groups = {} } of text.matchAll(DATE)) {
    const month = groups["name"] === undefined ? Number(groups["month"]) : monthNumber(groups["name"]);
    const date = calendarDate(Number(groups["year"]), month, Number(groups["day"]));
    if (date !== undefined) yield date;
  }
}

/** False only for a text, with markup or without, in which {@link datesIn} finds nothing; much cheaper than looking. */
export function mayHoldDate(text: string): boolean {
  return YEAR.test(text);
}

function monthNumber(name: string): number {
  const start = name.slice(0, 3).toLowerCase();
  return MONTHS.findIndex((month) => month.startsWith(start)) + 1;
}

function calendarDate(year: number, month: number, day: number): string | undefined {
  if (year < FIRST_YEAR || year > LAST_YEAR || month < 1 || month > 12 || day < 1) return undefined;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 ? date.toISOString().slice(0, 10) : undefined;
}
