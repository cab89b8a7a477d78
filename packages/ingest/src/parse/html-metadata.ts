/** More and longer values than these are no description of a page. */
const MAX_ENTRIES = 100;
const MAX_VALUE = 2_000;

const NAMES: ReadonlySet<string> = new Set([
  "description",
  "author",
  "date",
  "keywords",
  "generator",
  "dc.title",
  "dc.creator",
  "dc.date",
]);

/** What a page says of itself: `<meta>` elements (description, author, date, Open Graph…), canonical address, language. */
export class HtmlMetadata {
  readonly #values = new Map<string, string>();

  get values(): Record<string, string> {
    return Object.fromEntries(this.#values);
  }

  get(name: string): string | undefined {
    return this.#values.get(name);
  }

  /** Looks at an element of any kind. */
  see(name: string, attributes: ReadonlyMap<string, string>): void {
    if (name === "meta") {
      const key = (
        attributes.get("property") ??
        attributes.get("name") ??
        attributes.get("itemprop") ??
        ""
      ).toLowerCase();
      if (NAMES.has(key) || key.startsWith("og:") || key.startsWith("article:"))
        this.#set(key, attributes.get("content"));
    } else if (name === "html") this.#set("lang", attributes.get("lang") ?? attributes.get("xml:lang"));
    else if (name === "link" && attributes.get("rel") === "canonical") this.#set("canonical", attributes.get("href"));
  }

  #set(key: string, value: string | undefined): void {
    const trimmed = value?.trim().slice(0, MAX_VALUE) ?? "";
    if (trimmed !== "" && !this.#values.has(key) && this.#values.size < MAX_ENTRIES) this.#values.set(key, trimmed);
  }
}
