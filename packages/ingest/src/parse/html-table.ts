import type { HtmlWriter } from "./html-writer.ts";

/** A cell with more text than this holds a part of the page. */
const MAX_CELL = 4_000;

/** The rows of one table while it is read. Tables inside its cells are read as text of the cell. */
export class HtmlTable {
  #rows: string[][] = [];
  #firstRowIsHeader = false;
  #nested = 0;

  open(name: string): void {
    if (name === "table") this.#nested++;
    else if (this.#nested > 0) return;
    else if (name === "tr") this.#rows.push([]);
    else if (name === "td" || name === "th") {
      if (this.#rows.length === 0) this.#rows.push([]);
      if (name === "th" && this.#rows.length === 1) this.#firstRowIsHeader = true;
      this.#rows.at(-1)?.push("");
    }
  }

  /** Whether the closing `</table>` ends this table and not one inside it. */
  endsWith(): boolean {
    return this.#nested-- === 0;
  }

  /** Takes a paragraph of the cell that is being read; false if no cell is (a caption). */
  add(paragraph: string): boolean {
    const row = this.#rows.at(-1);
    if (row === undefined || row.length === 0) return false;
    row[row.length - 1] = row.at(-1) === "" ? paragraph : `${row.at(-1)}\n${paragraph}`;
    return true;
  }

  /** Writes what has been read, and forgets it: as a table, or as paragraphs if the table only served the layout. */
  flush(writer: HtmlWriter): void {
    const rows = this.#rows.filter((row) => row.some((cell) => cell !== ""));
    if (isLayout(rows)) {
      for (const paragraph of rows.flat().flatMap((cell) => cell.split("\n"))) {
        if (paragraph !== "") writer.paragraph(paragraph);
      }
    } else {
      const hasHeader = this.#firstRowIsHeader && rows[0] === this.#rows[0];
      writer.table(
        rows.map((row) => row.map((cell) => cell.replaceAll("\n", " "))),
        hasHeader,
      );
    }
    const inCell = (this.#rows.at(-1)?.length ?? 0) > 0;
    this.#rows = inCell ? [[""]] : [];
    this.#firstRowIsHeader = false;
  }
}

/** Whether no row has two cells with text, or one has the text of a page in it. */
function isLayout(rows: readonly (readonly string[])[]): boolean {
  const isGrid = rows.some((row) => row.filter((cell) => cell !== "").length > 1);
  return !isGrid || rows.some((row) => row.some((cell) => cell.length > MAX_CELL));
}
