/**
 * HTML as a sequence of properly nested elements and texts.
 *
 * htmlparser2's tokenizer does the lexical part (tags, attributes, entities, comments, raw-text elements). Its own
 * `Parser` is not used, because it keeps the open elements in an array that grows at the front and searches it for
 * each end tag: on a document of a million unclosed tags that is quadratic. Here they are a stack that grows at the
 * end, with the positions of each name beside it, so that every step costs the same, however deep the nesting.
 */
import { Tokenizer, type TokenizerCallbacks } from "htmlparser2";
import { CLOSES_PARAGRAPH, IMPLIED_END, PARAGRAPH_SCOPE, VOID } from "./html-elements.ts";

export interface HtmlHandler {
  /** Each `open` is followed by its `close`, void elements included. Attribute names are in lower case. */
  open(name: string, attributes: ReadonlyMap<string, string>): void;
  close(name: string): void;
  /** Text in pieces of any size, entities decoded. */
  text(data: string): void;
  /** The document is over; all elements have been closed. */
  end(): void;
}

export interface HtmlSyntax {
  /** XHTML: `<a/>` is an element without content, and CDATA sections are text. */
  readonly xhtml: boolean;
}

/** Reads the whole document, calling the handler; linear in its length, without recursion. */
export function readHtml(html: string, handler: HtmlHandler, syntax: HtmlSyntax): void {
  const events = new Events(html, handler, syntax.xhtml);
  const tokenizer = new Tokenizer({ recognizeSelfClosing: syntax.xhtml }, events);
  tokenizer.write(html);
  tokenizer.end();
}

class Events implements TokenizerCallbacks {
  readonly #html: string;
  readonly #handler: HtmlHandler;
  readonly #xhtml: boolean;
  readonly #open = new OpenElements();
  #tag = "";
  #attributes = new Map<string, string>();
  #attribute = "";
  #value = "";

  constructor(html: string, handler: HtmlHandler, xhtml: boolean) {
    this.#html = html;
    this.#handler = handler;
    this.#xhtml = xhtml;
  }

  ontext(start: number, end: number): void {
    this.#handler.text(this.#html.slice(start, end));
  }

  ontextentity(codePoint: number): void {
    this.#handler.text(String.fromCodePoint(codePoint));
  }

  onopentagname(start: number, end: number): void {
    this.#tag = this.#html.slice(start, end).toLowerCase();
    this.#attributes = new Map();
  }

  onattribname(start: number, end: number): void {
    this.#attribute = this.#html.slice(start, end).toLowerCase();
    this.#value = "";
  }

  onattribdata(start: number, end: number): void {
    this.#value += this.#html.slice(start, end);
  }

  onattribentity(codePoint: number): void {
    this.#value += String.fromCodePoint(codePoint);
  }

  onattribend(): void {
    if (!this.#attributes.has(this.#attribute)) this.#attributes.set(this.#attribute, this.#value);
  }

  onopentagend(): void {
    this.#closeImplied(this.#tag);
    this.#handler.open(this.#tag, this.#attributes);
    if (VOID.has(this.#tag)) this.#handler.close(this.#tag);
    else this.#open.push(this.#tag);
  }

  onselfclosingtag(): void {
    this.onopentagend();
    if ((this.#xhtml || this.isInForeignContext()) && !VOID.has(this.#tag)) this.#closeTo(this.#open.last(this.#tag));
  }

  /** Inside of SVG and MathML, `<style>`, `<title>` and their like are elements as any other. */
  isInForeignContext(): boolean {
    return this.#open.last("svg") !== -1 || this.#open.last("math") !== -1;
  }

  onclosetag(start: number, end: number): void {
    const name = this.#html.slice(start, end).toLowerCase();
    if (name === "br") {
      this.#handler.open(name, new Map());
      this.#handler.close(name);
    } else this.#closeTo(this.#open.last(name));
  }

  onend(): void {
    this.#closeTo(0);
    this.#handler.end();
  }

  oncdata(start: number, end: number, endOffset: number): void {
    if (this.#xhtml) this.#handler.text(this.#html.slice(start, end - endOffset));
  }

  oncomment(): void {
    // not part of the text
  }

  ondeclaration(): void {
    // not part of the text
  }

  onprocessinginstruction(): void {
    // not part of the text
  }

  #closeImplied(name: string): void {
    if (CLOSES_PARAGRAPH.has(name)) this.#closeWithin("p", PARAGRAPH_SCOPE);
    const rule = IMPLIED_END.get(name);
    for (const closed of rule?.closes ?? []) this.#closeWithin(closed, rule?.within ?? []);
  }

  #closeWithin(name: string, scope: readonly string[]): void {
    const position = this.#open.last(name);
    if (position !== -1 && scope.every((barrier) => this.#open.last(barrier) < position)) this.#closeTo(position);
  }

  /** Closes the element at `position` and all inside it; -1 closes nothing. */
  #closeTo(position: number): void {
    if (position === -1) return;
    while (this.#open.size > position) this.#handler.close(this.#open.pop());
  }
}

/** The open elements, outermost first, and where on that stack each name stands. */
class OpenElements {
  readonly #names: string[] = [];
  readonly #positions = new Map<string, number[]>();

  get size(): number {
    return this.#names.length;
  }

  push(name: string): void {
    const positions = this.#positions.get(name);
    if (positions === undefined) this.#positions.set(name, [this.#names.length]);
    else positions.push(this.#names.length);
    this.#names.push(name);
  }

  pop(): string {
    const name = this.#names.pop() ?? "";
    this.#positions.get(name)?.pop();
    return name;
  }

  /** The position of the innermost open element of this name, or -1. */
  last(name: string): number {
    return this.#positions.get(name)?.at(-1) ?? -1;
  }
}
