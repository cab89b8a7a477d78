/** Longer context lines are cut: a title is not a place for a whole document. */
const LONGEST_CONTEXT = 300;

/**
 * The text that is embedded for one passage. This is a contract between the pipeline and every embedder:
 *
 *     <title> > <heading> > <heading>          the context line, without line breaks
 *                                              an empty line
 *     <the passage, as it stands in the document>
 *
 * A passage alone often does not say what it is about ("It takes two arguments …"); the titles above it do. A model
 * reads the context line as an ordinary first line; the lexical embedder counts its words more
 * (see `lexical-embedder.ts`). Repetitions in the path are dropped, as when the first heading is the title. Without
 * any title the passage stands alone. Queries are embedded as they are.
 */
export function embeddingInput(title: string | undefined, headings: readonly string[], text: string): string {
  const path: string[] = [];
  for (const part of title === undefined ? headings : [title, ...headings]) {
    const line = part.replaceAll(/\s+/gu, " ").trim();
    if (line !== "" && !path.includes(line)) path.push(line);
  }
  if (path.length === 0) return text;
  return `${path.join(" > ").slice(0, LONGEST_CONTEXT)}\n\n${text}`;
}

/** Takes apart what {@link embeddingInput} put together; a text whose first line stands alone is read the same way. */
export function splitEmbeddingInput(input: string): { readonly context: string; readonly text: string } {
  const end = input.indexOf("\n\n");
  const firstLine = input.indexOf("\n");
  if (end <= 0 || firstLine !== end || end > LONGEST_CONTEXT) return { context: "", text: input };
  return { context: input.slice(0, end), text: input.slice(end + 2) };
}
