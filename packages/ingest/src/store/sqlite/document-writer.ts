import type { DatabaseSync, StatementSync } from "node:sqlite";
import { RecordError } from "../errors.ts";
import type { Embedders, StoredEmbedder } from "./embedders.ts";
import type { PackedDocument } from "./protocol.ts";
import { norm, toBlob } from "./similarity.ts";
import { strikesEveryDocument } from "./sqlite-failure.ts";
import type { TextIndex } from "./text-index.ts";
import { inTransaction } from "./transaction.ts";
import type { VectorIndex } from "./vector-index.ts";

/** What is the same for all documents of a transaction, and so is looked up once. */
interface Writing {
  readonly embedder: StoredEmbedder;
  nextChunk: number;
}

/** Puts whole documents in, in place of what was stored for their sources. */
export class DocumentWriter {
  readonly #database: DatabaseSync;
  readonly #text: TextIndex;
  readonly #vectors: VectorIndex;
  readonly #embedders: Embedders;
  readonly #find: StatementSync;
  readonly #insertDocument: StatementSync;
  readonly #updateDocument: StatementSync;
  readonly #removeChunks: StatementSync;
  readonly #insertChunk: StatementSync;
  readonly #insertVector: StatementSync;
  readonly #forgetRefusal: StatementSync;

  constructor(database: DatabaseSync, text: TextIndex, vectors: VectorIndex, embedders: Embedders) {
    this.#database = database;
    this.#text = text;
    this.#vectors = vectors;
    this.#embedders = embedders;
    this.#find = database.prepare("select id from documents where source = ?");
    this.#insertDocument = database.prepare(
      `insert into documents (origin, media_type, hash, fingerprint, bytes, title, summary, facts, saved_at, added_at, source)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#updateDocument = database.prepare(
      `update documents set origin = ?, media_type = ?, hash = ?, fingerprint = ?, bytes = ?, title = ?, summary = ?,
       facts = ?, saved_at = ? where id = ?`,
    );
    this.#removeChunks = database.prepare("delete from chunks where document = ?");
    this.#insertChunk = database.prepare(
      `insert into chunks (id, document, position, start_offset, end_offset, text, headings, tokens)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#insertVector = database.prepare("insert into vectors (chunk, embedder, norm, embedding) values (?, ?, ?, ?)");
    this.#forgetRefusal = database.prepare("delete from refusals where source = ?");
  }

  /**
   * Saves all in one transaction. If that fails, each alone, so that a bad one does not keep the others out; unless
   * the failure (a lock, a read-only file…) is bound to meet each of them. An error, or undefined, a document.
   */
  save(documents: readonly PackedDocument[]): readonly unknown[] {
    const together = attempt(() => this.#saveTogether(documents));
    if (together === undefined) return documents.map(() => undefined);
    if (documents.length === 1 || strikesEveryDocument(together)) return documents.map(() => together);
    return documents.map((document) => attempt(() => this.#saveTogether([document])));
  }

  #saveTogether(documents: readonly PackedDocument[]): void {
    inTransaction(this.#database, () => {
      const embedder = this.#embedders.required();
      const writing: Writing = { embedder, nextChunk: this.#vectors.firstFreeChunk() };
      this.#vectors.added();
      for (const document of documents) this.#put(document, writing);
    });
  }

  #put(document: PackedDocument, writing: Writing): void {
    const { embedder } = writing;
    if (document.texts.length > 0 && document.dimensions !== embedder.dimensions) {
      const problem = `its vectors have ${document.dimensions} dimensions, the store was prepared for ${embedder.dimensions} (${embedder.name})`;
      throw new RecordError(document.source, problem);
    }
    const id = this.#putRow(document);
    document.texts.forEach((text, position) => this.#putChunk(id, document, position, text, writing));
    this.#forgetRefusal.run(document.source);
  }

  #putRow(document: PackedDocument): number | bigint {
    const { origin, mediaType, hash, fingerprint, bytes, title, summary, facts, source } = document;
    const now = new Date().toISOString();
    const values = [origin, mediaType, hash, fingerprint, bytes, title, summary, facts, now] as const;
    const known = this.#find.get(source)?.["id"];
    if (known === undefined) return this.#insertDocument.run(...values, now, source).lastInsertRowid;
    const id = Number(known);
    this.#vectors.removeDocument(id);
    this.#removeChunks.run(id);
    this.#updateDocument.run(...values, id);
    return id;
  }

  #putChunk(document: number | bigint, record: PackedDocument, position: number, text: string, writing: Writing): void {
    const headings = record.headings[position] ?? [];
    const [start = 0, end = 0, tokens = 0] = record.numbers.subarray(position * 3);
    const vector = record.vectors.subarray(position * record.dimensions, (position + 1) * record.dimensions);
    const length = norm(vector);
    if (!Number.isFinite(length))
      throw new RecordError(record.source, `the vector of chunk ${position} holds a number that is not finite`);
    const chunk = writing.nextChunk++;
    this.#insertChunk.run(chunk, document, position, start, end, text, JSON.stringify(headings), tokens);
    this.#text.insert(chunk, record.title ?? "", headings, text);
    this.#insertVector.run(chunk, writing.embedder.id, length, toBlob(vector));
  }
}

function attempt(action: () => void): unknown {
  try {
    action();
    return undefined;
  } catch (error) {
    return error ?? new Error("an unknown error");
  }
}
