import { existsSync, globSync, readFileSync } from "node:fs";
import path from "node:path";
import { type Corpus, type DescribedPage, knownAnswers } from "../known-answers.ts";

/** The manual of Git as Debian packages it (`git-doc`): each command's page has a line "git-add - Add file contents…". */
export function gitDoc(): Corpus | undefined {
  const nameSection = /<h2>NAME<\/h2>\s*<div class="sectionbody">\s*<p>[^<]*?\s-\s+(?<purpose>.*?)<\/p>/su;
  return htmlManual("git-doc", "/usr/share/doc/git/html", nameSection);
}

/** The manual of PostgreSQL (`postgresql-doc-15`): each reference page has a line "CLUSTER — cluster a table…". */
export function postgresqlDoc(): Corpus | undefined {
  const nameSection = /<div class="refnamediv">.{0,1000}?—\s*(?<purpose>.*?)<\/p>/su;
  return htmlManual("postgresql-doc-15", "/usr/share/doc/postgresql-doc-15/html", nameSection);
}

/** Undefined where the package is not installed. */
function htmlManual(name: string, folder: string, nameSection: RegExp): Corpus | undefined {
  if (!existsSync(folder)) return undefined;
  const files = globSync("*.html", { cwd: folder }).toSorted();
  return knownAnswers(
    name,
    files.map((file) => read(file, readFileSync(path.join(folder, file), "utf8"), nameSection)),
  );
}

function read(name: string, html: string, nameSection: RegExp): DescribedPage {
  const found = nameSection.exec(html);
  const purpose = found?.groups?.["purpose"];
  const source =
    found === null || purpose === undefined
      ? html
      : html.replace(found[0], () => found[0].slice(0, found[0].lastIndexOf(purpose)) + "</p>");
  return { name, mediaType: "text/html", source, purpose: purpose === undefined ? undefined : textOf(purpose) };
}

function textOf(html: string): string {
  return html
    .replaceAll(/<[^>]*>/gu, "")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replaceAll(/\s+/gu, " ")
    .trim();
}
