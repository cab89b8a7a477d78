import { shield } from "tsyncio";
import type { DocumentRecord, Refusal } from "../../model/document.ts";
import type {
  AnswerCache,
  Known,
  SaveOutcome,
  SearchHit,
  Store,
  StoreConfiguration,
  StoreQuery,
  StoreStatus,
} from "../../model/interfaces.ts";
import type { StoreAddress } from "../address.ts";
import { RecordError, StoreError } from "../errors.ts";
import { GroupCommit } from "./group-commit.ts";
import { packDocument } from "./pack-document.ts";
import type { EngineArguments, EngineMethod, EngineResult } from "./engine-calls.ts";
import type { PackedDocument, PackedOutcome } from "./protocol.ts";
import { waitFor } from "./waiting.ts";
import { fromWire } from "./wire-error.ts";
import { WorkerChannel } from "./worker-channel.ts";

export interface SqliteStoreOptions {
  /** Opens an existing store for searching only. */
  readonly readOnly?: boolean;
  /** How long, in milliseconds, to wait for another process that holds the database's lock; 5000 unless told. */
  readonly busyTimeout?: number;
  /** "off" compares all vectors one by one, as is done anyway where sqlite-vec cannot be loaded. */
  readonly vectorIndex?: "auto" | "off";
  /** The most pages of 4096 bytes that the database may grow to; no limit unless told. */
  readonly maxPages?: number;
  /** Told once what the user should know, such as that sqlite-vec could not be loaded. */
  readonly onNotice?: (notice: string) => void;
}

/** Calls of services end at about the same time when they began so; what they answered shares a commit. */
const ANSWERS = { maxItems: 256, maxDelay: 5 };

/** A commit holds at most so many documents… */
const GROUP_ITEMS = 16;
/** …and the first of them waits at most so many milliseconds for the others. */
const GROUP_DELAY = 25;

export async function openSqliteStore(address: StoreAddress, options: SqliteStoreOptions): Promise<Store> {
  const configuration = {
    ...address,
    readOnly: options.readOnly ?? false,
    busyTimeout: options.busyTimeout ?? 5000,
    maxPages: options.maxPages ?? 0,
    vectorIndex: options.vectorIndex ?? "auto",
  };
  const start = async (): Promise<SqliteStore> => {
    const { channel, greeting } = await WorkerChannel.start(configuration);
    for (const notice of greeting.notices) options.onNotice?.(notice);
    return new SqliteStore(address.display, channel);
  };
  return waitFor(`opening ${address.display}`, start, (store) => void store.close());
}

/**
 * The store as its users hold it. Everything happens in the store's thread, in the order of the calls; a caller that
 * is cancelled stops waiting, and what it asked for happens whole or, if it was not sent yet, not at all.
 */
class SqliteStore implements Store {
  readonly address: string;
  readonly answers: AnswerCache;
  readonly #channel: WorkerChannel;
  readonly #group: GroupCommit<PackedDocument, PackedOutcome>;
  readonly #kept: GroupCommit<ReadonlyMap<string, Uint8Array>, undefined>;
  #state: { readonly kind: "open" } | { readonly kind: "closed"; readonly done: Promise<void> } = { kind: "open" };

  constructor(address: string, channel: WorkerChannel) {
    this.address = address;
    this.#channel = channel;
    this.#group = new GroupCommit({
      commit: (documents) =>
        channel.request(
          "save",
          [documents],
          documents.map(({ vectors }) => vectors.buffer),
        ),
      maxItems: GROUP_ITEMS,
      maxDelay: GROUP_DELAY,
    });
    const kept = new GroupCommit<ReadonlyMap<string, Uint8Array>, undefined>({
      ...ANSWERS,
      commit: async (lots) => {
        await channel.request("keepAnswers", [lots]);
        return lots.map(() => undefined);
      },
    });
    this.answers = {
      get: (keys) => this.#ask("answers", keys),
      put: (lot) => this.#wait("keepAnswers", () => kept.add(lot)),
    };
    this.#kept = kept;
  }

  prepare({ fingerprint, embedder, dimensions }: StoreConfiguration): Promise<{ readonly stale: number }> {
    return this.#ask("prepare", fingerprint, embedder, dimensions);
  }

  async lockForIngest(): Promise<AsyncDisposable> {
    const release = (token: string): Promise<void> =>
      // Closing the store has released it already.
      this.#state.kind === "closed" ? this.#state.done : this.#channel.request("releaseLock", [token]);
    const token = await this.#wait(
      "takeLock",
      () => this.#channel.request("takeLock", []),
      (late) => void release(late),
    );
    return { [Symbol.asyncDispose]: () => shield(() => waitFor("store.releaseLock", () => release(token))) };
  }

  known(sources: readonly string[]): Promise<ReadonlyMap<string, Known>> {
    return this.#ask("known", sources);
  }

  save(documents: readonly DocumentRecord[]): Promise<readonly SaveOutcome[]> {
    return this.#wait("save", () => Promise.all(documents.map((document) => this.#saveOne(document))));
  }

  refuse(refusals: readonly (Refusal & { readonly origin: string })[]): Promise<void> {
    const plain = refusals.map(({ source, origin, stage, reason }) => ({
      source,
      origin,
      stage,
      reason: reason.toWellFormed(),
    }));
    return this.#ask("refuse", plain);
  }

  prune(
    origin: string,
    seen: ReadonlySet<string>,
    options: { readonly force?: boolean } = {},
  ): Promise<readonly string[]> {
    return this.#ask("prune", origin, seen, options.force ?? false);
  }

  search({ text, vector, mode, k, filter }: StoreQuery): Promise<readonly SearchHit[]> {
    return this.#ask("search", { text, vector, mode, k, filter });
  }

  status(): Promise<StoreStatus> {
    return this.#ask("status");
  }

  errors(): Promise<readonly Refusal[]> {
    return this.#ask("errors");
  }

  reindex(): Promise<void> {
    return this.#ask("reindex");
  }

  close(): Promise<void> {
    if (this.#state.kind === "open") this.#state = { kind: "closed", done: this.#shutDown() };
    const { done } = this.#state;
    return shield(() => waitFor("store.close", () => done));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #saveOne(document: DocumentRecord): Promise<SaveOutcome> {
    const { source } = document;
    try {
      const { error } = await this.#group.add(packDocument(document));
      return error === undefined ? { source, error } : { source, error: fromWire(error) };
    } catch (error) {
      if (error instanceof RecordError) return { source, error };
      throw error;
    }
  }

  async #shutDown(): Promise<void> {
    this.#group.flush();
    this.#kept.flush();
    try {
      await this.#channel.request("close", []);
    } catch (error) {
      // A thread that is gone has nothing left to close; those whose requests it took with it were told.
      if (!(error instanceof StoreError && error.code === "crashed")) throw error;
    } finally {
      await this.#channel.exited();
    }
  }

  #ask<Name extends EngineMethod>(method: Name, ...args: EngineArguments<Name>): Promise<Awaited<EngineResult<Name>>> {
    return this.#wait(method, () => this.#channel.request(method, args));
  }

  #wait<T>(label: string, start: () => Promise<T>, abandoned?: (answer: T) => void): Promise<Awaited<T>> {
    if (this.#state.kind === "closed") {
      return Promise.reject(
        new StoreError("closed", `${this.address} was closed before "${label}" was asked`, "Open it again"),
      );
    }
    return waitFor(`store.${label}`, start, abandoned);
  }
}
