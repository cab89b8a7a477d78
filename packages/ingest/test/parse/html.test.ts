import assert from "node:assert/strict";
import { test } from "node:test";
import type { ParsedDocument } from "../../src/model/document.ts";
import { parseHtml } from "../../src/parse/html.ts";

function blocksOf({ text, blocks }: ParsedDocument): [string, string][] {
  return blocks.map(({ kind, start, end }) => [kind, text.slice(start, end)]);
}

test("headings, paragraphs, quotes and entities become blocks of text", () => {
  const html =
    "<h1>A &amp; B</h1><p>One\n  two<br>three &mdash; <em>four</em></p>loose<blockquote><p>said</blockquote>";
  assert.deepEqual(blocksOf(parseHtml(html)), [
    ["heading", "# A & B"],
    ["paragraph", "One two\nthree — four"],
    ["paragraph", "loose"],
    ["quote", "> said"],
  ]);
});

test("a heading keeps its level and loses its permalink", () => {
  const { blocks } = parseHtml('<h2>C#<a class="headerlink" href="#x">¶</a></h2><h3><a href="#y">§</a>Deep</h3>');
  assert.deepEqual(
    blocks.map(({ level, title }) => [level, title]),
    [
      [2, "C#"],
      [3, "Deep"],
    ],
  );
});

test("nested lists are one block, with end tags left out as well", () => {
  assert.deepEqual(blocksOf(parseHtml("<ul><li>a<ul><li>b<li>c</ul><li><p>d<p>e</ul><ol start=3><li>f<li>g</ol>")), [
    ["list", "- a\n  - b\n  - c\n- d\n  e"],
    ["list", "3. f\n4. g"],
  ]);
});

test("code keeps its lines and its language, with and without a code element", () => {
  const html =
    '<pre>\n  a &lt; b\n\n  c  </pre><pre><code class="language-ts">let <b>x</b>;</code></pre>' +
    '<div class="highlight-python3 notranslate"><div class="highlight"><pre>print("```")</pre></div></div><pre>plain</pre>';
  const document = parseHtml(html);
  assert.deepEqual(blocksOf(document), [
    ["code", "```\n  a < b\n\n  c\n```"],
    ["code", "```ts\nlet x;\n```"],
    ["code", '````python3\nprint("```")\n````'],
    ["code", "```\nplain\n```"],
  ]);
  assert.deepEqual(
    document.blocks.map(({ language }) => language),
    [undefined, "ts", "python3", undefined],
  );
});

test("a table becomes rows of cells between pipes", () => {
  const html =
    "<table><caption>Cap</caption><thead><tr><th>A<th>B|C</thead><tbody><tr><td>1<p>one</p><td><ul><li>x<li>y</ul></tbody></table>";
  assert.deepEqual(blocksOf(parseHtml(html)), [
    ["paragraph", "Cap"],
    ["table", "| A | B\\|C |\n| --- | --- |\n| 1 one | x y |"],
  ]);
});

test("a table that only makes the layout gives its content as blocks", () => {
  const html = "<table><tr><td><h1>T</h1><p>one</p><p>two</p><pre>code</pre></td></tr></table>";
  assert.deepEqual(blocksOf(parseHtml(html)), [
    ["heading", "# T"],
    ["paragraph", "one"],
    ["paragraph", "two"],
    ["code", "```\ncode\n```"],
  ]);
});

test("scripts, styles, navigation, asides, footers and hidden elements are left out", () => {
  const html =
    "<nav>menu</nav><script>if (a < b) '</p>'</script><style>p{}</style><p>text</p><p hidden>secret</p>" +
    "<aside>ad</aside><div role=navigation>crumbs</div><button>press</button><footer>legal</footer><!-- note -->";
  assert.equal(parseHtml(html).text, "text");
});

test("a main element is taken alone, with the links inside it", () => {
  const html =
    '<div><a href="/home">Home</a> site</div><main><h1>T</h1><p>See <a href="/a">A</a>.</p></main><p><a href="/b">B</a></p>';
  const document = parseHtml(html);
  assert.equal(document.text, "# T\n\nSee A.");
  assert.deepEqual(document.links, [{ text: "A", url: "/a" }]);
  assert.deepEqual(blocksOf(document), [
    ["heading", "# T"],
    ["paragraph", "See A."],
  ]);
});

test("a single article is taken alone, several are not, and an empty main element does not swallow the page", () => {
  assert.equal(parseHtml("<p>out</p><article>in</article>").text, "in");
  assert.equal(parseHtml("<p>out</p><article>a</article><article>b</article>").text, "out\n\na\n\nb");
  assert.equal(parseHtml("<main></main><p>text</p>").text, "text");
});

test("a page of nothing but navigation gives its navigation", () => {
  assert.equal(parseHtml("<nav><p>only this</p></nav>").text, "only this");
});

test("the title is the first heading where the title element adds the site's name, else the title element", () => {
  assert.equal(parseHtml("<title>Queues &mdash; Docs</title><h1>Queues</h1>").title, "Queues");
  assert.equal(parseHtml("<title>Queues</title><h1>Welcome</h1>").title, "Queues");
  assert.equal(parseHtml("<h1>Welcome</h1>").title, "Welcome");
  assert.equal(parseHtml('<meta property="og:title" content="Card"><p>x</p>').title, "Card");
  assert.equal(parseHtml("<p>x</p>").title, undefined);
});

test("metadata holds what the page says of itself", () => {
  const html =
    '<html lang="en"><meta name="Description" content=" About &amp; more "><meta name="author" content="A"><meta name="viewport" content="w">' +
    '<meta property="og:type" content="article"><meta property="article:published_time" content="2026-01-02"><link rel=canonical href="/c">';
  assert.deepEqual(parseHtml(html).metadata, {
    lang: "en",
    description: "About & more",
    author: "A",
    "og:type": "article",
    "article:published_time": "2026-01-02",
    canonical: "/c",
  });
});

test("in XHTML an element may close itself and CDATA is text; in HTML neither is so", () => {
  const source = '<p>a<script src="x"/>b<![CDATA[<c>]]></p>';
  assert.equal(parseHtml(source, { xhtml: true }).text, "ab<c>");
  assert.equal(parseHtml(source).text, "a");
});

test("drawings do not swallow what follows them, whatever their elements are called", () => {
  assert.equal(parseHtml("<p>a<svg><title>t</title><style/><script/></svg>b</p>").text, "ab");
});
