import { Buffer } from "node:buffer";

/** A PDF file with a page for each text, whose lines are set one below the other; a blank line leaves room. */
export function pdfFile(pages: readonly string[], title?: string): Buffer {
  const firstPage = 4;
  const references = pages.map((_, i) => `${firstPage + 2 * i} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${references}] /Count ${pages.length} >>`,
    "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ...pages.flatMap((text, i) => pageObjects(text, firstPage + 2 * i + 1)),
  ];
  const info = title === undefined ? "" : `/Info ${objects.push(`<< /Title (${title}) >>`)} 0 R`;
  let file = "%PDF-1.4\n";
  const offsets = objects.map((object, i) => {
    const offset = file.length;
    file += `${i + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(offset).padStart(10, "0")} 00000 n \n`;
  });
  const table = `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${offsets.join("")}`;
  const trailer = `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${info} >>\nstartxref\n${file.length}\n%%EOF\n`;
  return Buffer.from(file + table + trailer, "latin1");
}

function pageObjects(text: string, content: number): string[] {
  const lines = text.split("\n").map((line) => `(${line}) Tj T*`);
  const stream = text === "" ? "" : `BT /F1 12 Tf 14 TL 72 720 Td\n${lines.join("\n")}\nET`;
  const resources = "/Resources << /Font << /F1 3 0 R >> >>";
  return [
    `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] ${resources} /Contents ${content} 0 R >>`,
    `<< /Length ${stream.length} >>\nstream\n${stream}\nendstream`,
  ];
}
