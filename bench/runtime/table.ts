import type { Row, Section, Unit } from "./rows.ts";

const header = ["cell", "contender", "median", "range", "to bare Node", "to tsyncio", "tenfold"];

/** All sections as one Markdown table, aligned. */
export function toTable(sections: readonly Section[]): string {
  const lines = [header, ...sections.flatMap(sectionLines)];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const padded = lines.map((line) =>
    line.map((text, column) => (column < 2 ? text.padEnd(widths[column] ?? 0) : text.padStart(widths[column] ?? 0))),
  );
  const rule = widths.map((width, column) => (column < 2 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`));
  return [padded[0] ?? [], rule, ...padded.slice(1)].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function sectionLines({ title, unit, rows, late }: Section): string[][] {
  const floor = rows.find((row) => row.contender.startsWith("Node "));
  const own = rows.find((row) => row.contender.startsWith("tsyncio "));
  return [
    ...rows.map((row, index) => [
      index === 0 ? title : "",
      row.contender,
      `${figure(row.median, unit)} ${unit}`,
      row.least === row.greatest ? "" : `${figure(row.least, unit)}-${figure(row.greatest, unit)}`,
      ratio(row, floor),
      ratio(row, own),
      row.growth === null ? "" : `x ${row.growth.toFixed(2)}`,
    ]),
    ...late.map((contender) => ["", contender, "over 60 s", "", "", "", ""]),
  ];
}

function ratio(row: Row, base: Row | undefined): string {
  return base === undefined ? "" : `${(row.median / base.median).toFixed(2)} x`;
}

function figure(value: number, unit: Unit): string {
  if (unit === "bytes" || value >= 100) return Math.round(value).toLocaleString("en");
  return value.toPrecision(2);
}
