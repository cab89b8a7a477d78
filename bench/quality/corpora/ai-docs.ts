import { globSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { type Corpus, type DescribedPage, knownAnswers } from "../known-answers.ts";

const FRONT_MATTER = /^---\r?\n(.*?)\r?\n---\r?\n/su;
const DESCRIPTION = /^description:[ \t]*(.*)$/mu;

/** The documentation in the npm package `ai`, which the root installs: MDX whose front matter has a `description`. */
export function aiDocs(): Corpus {
  const root = fileURLToPath(new URL("../../../node_modules/ai/docs", import.meta.url));
  const files = globSync("**/*.mdx", { cwd: root }).toSorted();
  return knownAnswers(
    "ai (npm)",
    files.map((file) => read(file.replaceAll(path.sep, "/"), readFileSync(path.join(root, file), "utf8"))),
  );
}

function read(name: string, text: string): DescribedPage {
  const frontMatter = FRONT_MATTER.exec(text)?.[0] ?? "";
  const purpose = DESCRIPTION.exec(frontMatter)?.[1]
    ?.trim()
    .replace(/^(['"])(.*)\1$/u, "$2");
  const source = frontMatter.replace(DESCRIPTION, "") + text.slice(frontMatter.length);
  return { name, mediaType: "text/mdx", source, purpose };
}
