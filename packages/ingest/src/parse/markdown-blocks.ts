import MarkdownIt, { type MarkdownIt as MarkdownParser, type StateBlock, type Token } from "markdown-it";

const State: typeof StateBlock = new MarkdownIt().block.State;

/**
 * A token with the fields that block rules write and nothing else: no methods, and no definition of property after
 * property, which markdown-it's own tokens are made by and which takes longer than the rules themselves.
 */
class BlockToken implements Omit<Token, "attrIndex" | "attrPush" | "attrSet" | "attrGet" | "attrJoin"> {
  readonly type: string;
  readonly tag: string;
  readonly nesting: -1 | 0 | 1;
  level: number;
  map: Token["map"] = null;
  attrs: Token["attrs"] = null;
  children: Token["children"] = null;
  content = "";
  markup = "";
  info = "";
  meta: Token["meta"] = null;
  block = true;
  hidden = false;

  constructor(type: string, tag: string, nesting: -1 | 0 | 1, level: number) {
    this.type = type;
    this.tag = tag;
    this.nesting = nesting;
    this.level = level;
  }
}

/** What block rules write to, where only kinds and places of blocks are wanted: the blocks' text is not put together. */
class BlockState extends State {
  override push(type: string, tag: string, nesting: -1 | 0 | 1): Token {
    if (nesting < 0) this.level--;
    const token = new BlockToken(type, tag, nesting, this.level) as Token;
    if (nesting > 0) this.level++;
    this.tokens.push(token);
    return token;
  }

  override getLines(): string {
    return "";
  }
}

/**
 * Makes a parser tell blocks and their lines only, which is twice as fast. Its tokens have no `content`, except for
 * headings that begin with `#`.
 */
export function tellBlocksOnly(parser: MarkdownParser): MarkdownParser {
  parser.block.State = BlockState;
  parser.core.ruler.enableOnly(["normalize", "block", "strip_references"]);
  return parser;
}
