import { type ClientSession, redactUrl } from "@tsyncio/http";
import { isCancelled } from "tsyncio";
import type { OutputFolder } from "./output-folder.ts";

/** What has arrived so far. */
export interface FetchProgress {
  readonly status: number;
  readonly bytes: number;
}

/** What became of one URL. */
export type Fetched =
  | {
      readonly ok: boolean;
      readonly url: string;
      readonly status: number;
      readonly bytes: number;
      readonly elapsed: number;
      readonly file?: string;
    }
  | { readonly ok: false; readonly url: string; readonly error: string; readonly elapsed: number };

/**
 * Fetches one URL, into a file if there is a folder for it: the file appears when it is whole. A failure is a result;
 * only a cancellation is thrown.
 */
export async function fetchUrl(
  session: ClientSession,
  url: string,
  output: OutputFolder | undefined,
  onProgress: (progress: FetchProgress) => void,
): Promise<Fetched> {
  const start = performance.now();
  let shown = redactUrl(url);
  try {
    await using response = await session.get(url);
    shown = redactUrl(response.url);
    const { status } = response;
    let bytes = 0;
    const count = async function* (): AsyncGenerator<Uint8Array, void, void> {
      for await (const piece of response.body) {
        bytes += piece.byteLength;
        onProgress({ status, bytes });
        yield piece;
      }
    };
    // What an error page says is not the document that was asked for.
    const file = output !== undefined && response.ok ? await output.save(url, count()) : await drain(count());
    const elapsed = performance.now() - start;
    return { ok: response.ok, url: shown, status, bytes, elapsed, ...(file === undefined ? {} : { file }) };
  } catch (error) {
    if (isCancelled(error)) throw error;
    const message = error instanceof Error ? error.message : String(error);
    return { ok: false, url: shown, error: message, elapsed: performance.now() - start };
  }
}

async function drain(pieces: AsyncIterable<Uint8Array>): Promise<undefined> {
  for await (const _piece of pieces);
  return undefined;
}
