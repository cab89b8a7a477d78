/** One measured ingest: `node ingest-child.ts FOLDER STORE` prints its figures as JSON. */
import { ingest, type IngestEvent, openStore } from "@tsyncio/ingest";
import { run } from "tsyncio";

const [folder, storePath] = process.argv.slice(2) as [string, string];

await run(async () => {
  await using store = await openStore(`sqlite:${storePath}`);
  let firstIn = 0;
  const onEvent = (event: IngestEvent): void => {
    if (firstIn === 0 && event.type === "document") firstIn = performance.now();
  };
  const { documents, chunks, elapsed, refused, largestLoopGap } = await ingest([folder], { store, onEvent });
  const onceUp = performance.now() - firstIn;
  if (refused.length > 0) throw new Error(`${refused.length} documents were refused: ${refused[0]?.reason}`);
  // maxRSS is in kilobytes on Linux and macOS alike.
  const peakRss = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ documents, chunks, elapsed, onceUp, peakRss, largestLoopGap }));
});
