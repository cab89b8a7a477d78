import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { datesIn } from "../../src/extract/dates.ts";

test("dates are found in ISO form and in the two long forms", () => {
  const text = `2026-03-01, 2026-03-02T10:00:00Z, 3 March 2026, 4th of March 2026, March 5, 2026, Mar. 6th, 2026,
Sept 7 2026, 8 may 2026.`;
  assert.deepEqual(Array.from(datesIn(text)), [
    "2026-03-01",
    "2026-03-02",
    "2026-03-03",
    "2026-03-04",
    "2026-03-05",
    "2026-03-06",
    "2026-09-07",
    "2026-05-08",
  ]);
});

test("days that do not exist and ambiguous forms are no dates", () => {
  const text = "2026-02-29 31 April 2026, 2026-13-01, 03/04/2026, 1.2.2026, 2026-03-01-7, 99-01-02, March 2026";
  assert.deepEqual(Array.from(datesIn(text)), []);
});

test("every day of the calendar is found as it was written", () => {
  const day = fc.date({
    min: new Date("1000-01-01T00:00:00Z"),
    max: new Date("2999-12-31T00:00:00Z"),
    noInvalidDate: true,
  });
  fc.assert(
    fc.property(day, (date) => {
      const long = date.toLocaleDateString("en-US", { dateStyle: "long", timeZone: "UTC" });
      const iso = date.toISOString().slice(0, 10);
      assert.deepEqual(Array.from(datesIn(`${iso} and ${long}`)), [iso, iso]);
    }),
  );
});
