/** What a connection through a proxy fails with, on its way to becoming a `ProxyError`. */
export class ProxyFailure extends Error {
  readonly code: string;
  /** What the proxy answered; undefined if it did not answer. */
  readonly status: number | undefined;

  constructor(message: string, cause: unknown, status?: number) {
    super(message, cause === undefined ? undefined : { cause });
    const code = (cause as { code?: unknown } | undefined)?.code;
    this.code = typeof code === "string" ? code : "EPROXY";
    this.status = status;
  }
}
