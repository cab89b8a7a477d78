import path from "node:path";
import { fileURLToPath } from "node:url";
import type { PublicName } from "../public-api/public-names.ts";
import { type Block, fencedBlocks, indentedBlocks } from "./blocks.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** A piece of code that is shown to readers, and where it stands. */
export interface Example {
  readonly code: string;
  /** Relative to the checkout. */
  readonly file: string;
  /** Of its first line, counted from 1. */
  readonly line: number;
}

/** The examples in the doc comments of a declaration, those of its members included. */
export function examplesOf({ module, declaration: { doc, statements } }: NonNullable<PublicName["home"]>): Example[] {
  const inside = module.comments.filter(
    ({ type, value, start, end }) =>
      type === "Block" &&
      value.startsWith("*") &&
      statements.some((statement) => start >= statement.start && end <= statement.end),
  );
  const comments = doc === undefined ? inside : [doc, ...inside];
  return comments.flatMap(({ value, start }) => {
    const line = module.text.slice(0, start).split("\n").length;
    return indentedBlocks(value).map((block) => exampleAt(module.file, block, line));
  });
}

/** The examples on a page. */
export function examplesOn(file: string, page: string): Example[] {
  return fencedBlocks(page).map((block) => exampleAt(file, block, 1));
}

function exampleAt(file: string, { code, line }: Block, offset: number): Example {
  return { code, file: path.relative(root, file), line: line + offset };
}

/** What an example says that it prints: the comments beside its `console.log`. */
export function promisedOutput(code: string): string[] {
  return [...code.matchAll(/^\s*console\.log\(.*\); \/\/ (.+)$/gmu)].map(([, output = ""]) => output);
}
