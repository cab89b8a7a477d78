import { createRequire } from "node:module";
import type { CookieJar as ToughJar, SerializedCookieJar } from "tough-cookie";
import { describeValue } from "../../shared/describe-value.ts";

/** What {@link CookieJar.save} gives. It can be stored as JSON. */
export type SavedCookies = SerializedCookieJar;

/** The library knows all public suffixes, which takes a while to load: it is loaded with the first cookie. */
function library(): typeof import("tough-cookie") {
  return createRequire(import.meta.url)("tough-cookie") as typeof import("tough-cookie");
}

/**
 * Cookies, by the rules of RFC 6265: a cookie goes back to the hosts, paths and schemes for which it was set, until it
 * expires; one for a public suffix such as `co.uk` is refused. A session has a jar of its own, {@link
 * ClientSession.cookies}; one that is given to several sessions is shared by them.
 *
 *     const cookies = CookieJar.load(JSON.parse(await readFile("cookies.json", "utf8")));
 *     await using session = new ClientSession({ cookies });
 *     await session.post("https://example.com/login", { form: { name, password } });
 *     await writeFile("cookies.json", JSON.stringify(cookies));
 */
export class CookieJar {
  private jar: ToughJar | null = null;

  /** A jar with what another one has saved. @throws TypeError for what is no saved jar. */
  static load(saved: SavedCookies): CookieJar {
    if (typeof saved !== "object" || saved === null || !Array.isArray(saved.cookies)) {
      throw new TypeError(`CookieJar.load: expected what save() returned, got ${describeValue(saved)}`);
    }
    const made = new CookieJar();
    made.jar = library().CookieJar.deserializeSync(saved);
    return made;
  }

  /** Everything in the jar, cookies that last only for a session included. */
  save(): SavedCookies {
    return this.filled().serializeSync() as SavedCookies;
  }

  /** What `JSON.stringify` takes: the same as {@link save}. */
  toJSON(): SavedCookies {
    return this.save();
  }

  /**
   * Puts in a cookie as if the server at `url` had sent it in a `set-cookie` header.
   *
   *     jar.set("token=abc; Secure; Max-Age=3600", "https://api.example.com/");
   *
   * @throws TypeError if it is no cookie, or not one that this server may set.
   */
  set(cookie: string, url: string | URL): void {
    try {
      if (this.filled().setCookieSync(cookie, url) !== undefined) return;
    } catch (error) {
      throw new TypeError(`CookieJar.set: ${(error as Error).message}`, { cause: error });
    }
    throw new TypeError(`CookieJar.set: expected a cookie such as "name=value; Path=/", got ${describeValue(cookie)}`);
  }

  /** The cookies that a request to this URL would carry, by name. */
  get(url: string | URL): Record<string, string> {
    const cookies = this.jar?.getCookiesSync(String(url)) ?? [];
    return Object.fromEntries(cookies.map(({ key, value }) => [key, value]));
  }

  /** Takes all cookies out. */
  clear(): void {
    this.jar = null;
  }

  /**
   * The `cookie` header for a request: the jar's cookies, and those that the caller gives for this one request, which
   * go before the jar's of the same name. @internal
   */
  header(url: URL, own: readonly string[] = []): string | undefined {
    if (this.jar === null) return own.length === 0 ? undefined : own.join("; ");
    const names = new Set(own.flatMap((header) => header.split(";")).map((pair) => pair.split("=", 1)[0]?.trim()));
    const kept = this.jar.getCookiesSync(url.href).filter(({ key }) => !names.has(key));
    const parts = [...own, ...kept.map((cookie) => cookie.cookieString())];
    return parts.length === 0 ? undefined : parts.join("; ");
  }

  /** Keeps the cookies that an answer sets, as far as it may set them. @internal */
  receive(headers: string | readonly string[] | undefined, url: URL): void {
    if (headers === undefined) return;
    const jar = this.filled();
    for (const header of typeof headers === "string" ? [headers] : headers) {
      jar.setCookieSync(header, url.href, { ignoreError: true });
    }
  }

  private filled(): ToughJar {
    return (this.jar ??= new (library().CookieJar)());
  }
}
