import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "esbuild";
import type { Contender } from "./contenders.ts";
import type { Section } from "./rows.ts";

/** What a program weighs with all that it imports: bundled, minified and gzipped, in bytes. */
export async function bundleSize(source: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: fileURLToPath(new URL(".", import.meta.url)) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "node",
    target: "node24",
    write: false,
  });
  return gzipSync(outputFiles[0]?.contents ?? "", { level: 9 }).length;
}

/** The sections of the sizes. They do not vary. */
export async function measureSizes(contenders: readonly Contender[]): Promise<readonly Section[]> {
  const kinds = [
    ["everything", "size", "bundle of all exports, min+gzip"],
    ["program", "size-program", "bundle of a small program, min+gzip"],
  ] as const;
  return Promise.all(
    kinds.map(async ([kind, cell, title]) => {
      const rows = [];
      for (const { title: contender, bundles } of contenders) {
        const source = bundles?.[kind] ?? "";
        if (source === "") continue;
        const size = await bundleSize(source);
        rows.push({ contender, median: size, least: size, greatest: size, growth: null });
      }
      return { cell, title, unit: "bytes" as const, rows, late: [] };
    }),
  );
}
