/** Parses and chunks the text that the expression in its `workerData` makes, and answers with counts. */
import { Buffer } from "node:buffer";
import { runInNewContext } from "node:vm";
import { parentPort, workerData } from "node:worker_threads";
import { chunk, parse } from "../../src/offline/document-worker.ts";

const { mediaType, source } = workerData as { mediaType: string; source: string };
const made: unknown = runInNewContext(source, { Buffer, Array });
const bytes = typeof made === "string" ? Buffer.from(made) : (made as Uint8Array);
const document = await parse({ bytes, mediaType, source: "hostile" });
const chunks = chunk({ document, options: {} });
parentPort?.postMessage({ length: document.text.length, blocks: document.blocks.length, chunks: chunks.length }, []);
