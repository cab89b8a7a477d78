import type { LookupFunction } from "node:net";
import type { ConnectionOptions, PeerCertificate } from "node:tls";
import { checkKeys } from "../../shared/check.ts";

/**
 * Options for TLS, as in Node's `tls.connect`.
 *
 *     new ClientSession({ tls: { ca: readFileSync("company-ca.pem") } });
 *     new ClientSession({ tls: { cert, key, passphrase } }); // a client certificate
 */
export interface TlsOptions {
  /** The authorities that are trusted, instead of those that Node trusts. PEM. */
  readonly ca?: string | Buffer | readonly (string | Buffer)[];
  /** The client's certificate, with its chain. PEM. */
  readonly cert?: string | Buffer;
  /** The key of `cert`. PEM. */
  readonly key?: string | Buffer;
  /** Certificate and key in one, as PKCS #12. */
  readonly pfx?: string | Buffer;
  /** Opens `key` or `pfx`. */
  readonly passphrase?: string;
  /** The name that is asked for and that the peer's certificate must have. Default: the host of the URL. */
  readonly servername?: string;
  /** Whether a certificate that cannot be verified ends the connection. Default: true. False is for tests only. */
  readonly rejectUnauthorized?: boolean;
  readonly minVersion?: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion?: "TLSv1.2" | "TLSv1.3";
  readonly ciphers?: string;
  /** Looks at a verified certificate once more, for instance at its fingerprint; an error that it returns ends the connection. */
  readonly checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
}

const tlsKeys: readonly string[] = [
  "ca",
  "cert",
  "key",
  "pfx",
  "passphrase",
  "servername",
  "rejectUnauthorized",
  "minVersion",
  "maxVersion",
  "ciphers",
  "checkServerIdentity",
] satisfies readonly (keyof TlsOptions)[];

/** Where sockets lead and how, apart from TLS. */
export interface SocketOptions {
  /** A Unix socket that is connected to, whatever the URL's host is. */
  readonly socketPath: string | undefined;
  /** The local address to connect from. */
  readonly localAddress: string | undefined;
  /** Looks names up instead of Node's `dns.lookup`. */
  readonly lookup: LookupFunction | undefined;
}

/** @throws TypeError for an option that is not known. */
export function checkTls(tls: TlsOptions | undefined, what: string): ConnectionOptions {
  if (tls === undefined) return {};
  checkKeys(tls, tlsKeys, what);
  return tls as ConnectionOptions;
}
