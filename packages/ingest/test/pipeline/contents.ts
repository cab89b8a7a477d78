import { DatabaseSync } from "node:sqlite";

/**
 * All that a store holds for good, in an order that does not depend on the order of saving, and without what differs
 * between two runs that did the same (row numbers, times).
 */
export function contentsOf(path: string): { readonly documents: unknown[]; readonly passages: unknown[] } {
  const database = new DatabaseSync(path, { readOnly: true });
  const documents = database.prepare(
    `select source, origin, media_type, hash, fingerprint, bytes, title, summary, facts from documents order by source`,
  );
  const passages = database.prepare(
    `select source, position, start_offset, end_offset, text, headings, tokens, name, norm, hex(embedding) as vector
     from documents join chunks on chunks.document = documents.id join vectors on vectors.chunk = chunks.id
     join embedders on embedders.id = vectors.embedder order by source, position`,
  );
  const contents = { documents: documents.all(), passages: passages.all() };
  const chunks = database.prepare("select count(*) as count from chunks").get()?.["count"] as number;
  database.close();
  if (chunks !== contents.passages.length)
    throw new Error(`${chunks} chunks, ${contents.passages.length} with vectors`);
  return contents;
}
