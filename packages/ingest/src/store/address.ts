import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { StoreError } from "./errors.ts";

/** Where a SQLite store is: an absolute path, or memory. */
export interface StoreAddress {
  /** As messages and `status` show it; never holds a password. */
  readonly display: string;
  /** An absolute path or `:memory:`. */
  readonly path: string;
}

const MEMORY = ":memory:";
const EXPECTED = "Expected sqlite:PATH, sqlite::memory: or a plain path, such as sqlite:./index.db";

/** Understands the address of a store. Relative paths are taken from the current directory, now. */
export function parseStoreAddress(address: string): StoreAddress {
  if (typeof address !== "string" || address.trim() === "") {
    throw new StoreError(
      "address",
      `the address of a store must be a string with a path, got ${JSON.stringify(address) ?? typeof address}`,
      EXPECTED,
    );
  }
  if (address.includes("\0")) throw new StoreError("address", "the address of a store holds a NUL character", EXPECTED);
  const path = pathOf(address);
  return path === MEMORY
    ? { display: "sqlite::memory:", path }
    : { display: `sqlite:${resolve(path)}`, path: resolve(path) };
}

/** The address without the password that a URL may carry. */
export function redact(address: string): string {
  return address
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^:@/?#]*):.*@/iu, "$1:***@")
    .replace(/([?&](?:password|passwd|pass|pwd|token|secret|key)=)[^&#]*/giu, "$1***");
}

function pathOf(address: string): string {
  const scheme = /^([a-z][a-z0-9+.-]+):/iu.exec(address)?.[1]?.toLowerCase();
  switch (scheme) {
    case undefined:
      return address;
    case "sqlite": {
      const path = address.slice("sqlite:".length).replace(/^\/\/(?=\/|\.)/u, "");
      if (path === "" || path.startsWith("//"))
        throw new StoreError("address", `${redact(address)} names no file`, EXPECTED);
      return path;
    }
    case "file":
      return fromFileUrl(address);
    case "postgres":
    case "postgresql":
      throw new StoreError(
        "unsupported",
        `${redact(address)} is a Postgres server, which this version cannot use as a store`,
        "Use a SQLite store, such as sqlite:./index.db",
      );
    default:
      throw new StoreError(
        "address",
        `${redact(address)} is not the address of a store: "${scheme}:" is unknown`,
        EXPECTED,
      );
  }
}

function fromFileUrl(address: string): string {
  try {
    return fileURLToPath(address);
  } catch (cause) {
    throw new StoreError("address", `${redact(address)} is not a file on this machine`, EXPECTED, { cause });
  }
}
