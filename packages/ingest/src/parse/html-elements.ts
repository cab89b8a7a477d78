/** What elements mean for the extraction of text. Names are in lower case. */

/** Their content is no text of the document: programs, styles, controls, pictures, and the furniture of the page. */
export const DROPPED: ReadonlySet<string> = new Set(
  "script style template noscript svg iframe object canvas audio video map noframes noembed button select datalist textarea dialog".split(
    " ",
  ),
);

/** Furniture of the page by its meaning; kept only when nothing else is left. */
export const FURNITURE: ReadonlySet<string> = new Set(["nav", "footer", "aside"]);

export const FURNITURE_ROLES: ReadonlySet<string> = new Set([
  "navigation",
  "banner",
  "contentinfo",
  "search",
  "complementary",
]);

/** Elements without content, which are never closed. */
export const VOID: ReadonlySet<string> = new Set(
  "area base basefont br col command embed frame hr img input isindex keygen link meta param source track wbr".split(
    " ",
  ),
);

/** A paragraph, list item or cell of text ends where one of these begins or ends. */
export const BLOCK_LEVEL: ReadonlySet<string> = new Set(
  (
    "address article aside blockquote body caption center dd details dir div dl dt fieldset figcaption figure footer form " +
    "h1 h2 h3 h4 h5 h6 header hr html legend li listing main menu nav ol p plaintext pre section summary table tbody td " +
    "tfoot th thead tr ul xmp"
  ).split(" "),
);

/** An open `<p>` ends where one of these begins. */
export const CLOSES_PARAGRAPH: ReadonlySet<string> = new Set(
  (
    "address article aside blockquote center details dialog dir div dl dd dt fieldset figcaption figure footer form h1 h2 " +
    "h3 h4 h5 h6 header hr li listing main menu nav ol p plaintext pre section summary table ul xmp"
  ).split(" "),
);

/**
 * End tags that authors may leave out: where the element on the left begins, an open element of `closes` ends, unless
 * one of `within` was opened in between (a list inside a list item does not end it).
 */
export const IMPLIED_END: ReadonlyMap<
  string,
  { readonly closes: readonly string[]; readonly within: readonly string[] }
> = new Map([
  ["li", { closes: ["li"], within: ["ul", "ol", "menu", "dir"] }],
  ["dt", { closes: ["dt", "dd"], within: ["dl"] }],
  ["dd", { closes: ["dt", "dd"], within: ["dl"] }],
  ["td", { closes: ["td", "th"], within: ["table"] }],
  ["th", { closes: ["td", "th"], within: ["table"] }],
  ["tr", { closes: ["tr"], within: ["table"] }],
  ["thead", { closes: ["thead", "tbody", "tfoot", "caption"], within: ["table"] }],
  ["tbody", { closes: ["thead", "tbody", "tfoot", "caption"], within: ["table"] }],
  ["tfoot", { closes: ["thead", "tbody", "tfoot", "caption"], within: ["table"] }],
  ["body", { closes: ["head"], within: [] }],
]);

/** What keeps a `<p>` outside from being ended from within. */
export const PARAGRAPH_SCOPE: readonly string[] = ["table", "td", "th", "caption"];

/** Text in them stands as it is written. */
export const PREFORMATTED: ReadonlySet<string> = new Set(["pre", "listing", "xmp", "plaintext"]);
