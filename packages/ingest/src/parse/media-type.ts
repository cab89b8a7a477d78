import { basename, extname } from "node:path";

/**
 * Documentation formats by file extension. Formats made of data (JSON, CSV), programs and stylesheets are left out on
 * purpose: a folder of documentation is full of them, and as passages of prose they only dilute a search.
 */
const MEDIA_TYPES: ReadonlyMap<string, string> = new Map([
  [".md", "text/markdown"],
  [".markdown", "text/markdown"],
  [".mdown", "text/markdown"],
  [".mkd", "text/markdown"],
  [".mdx", "text/mdx"],
  [".html", "text/html"],
  [".htm", "text/html"],
  [".xhtml", "application/xhtml+xml"],
  [".txt", "text/plain"],
  [".text", "text/plain"],
  [".log", "text/plain"],
  [".rst", "text/x-rst"],
  [".adoc", "text/asciidoc"],
  [".asciidoc", "text/asciidoc"],
  [".pdf", "application/pdf"],
  [".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"],
]);

/**
 * The media type of a file by its name, or undefined if it is no format that this package reads, so that a walk over a
 * folder skips the file. Of the names without an extension only `README` counts.
 */
export function mediaTypeOf(path: string): string | undefined {
  const extension = extname(path);
  if (extension === "") return basename(path).toLowerCase() === "readme" ? "text/plain" : undefined;
  return MEDIA_TYPES.get(extension.toLowerCase());
}
