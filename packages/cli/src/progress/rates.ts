import type { IngestProgress } from "@tsyncio/ingest";

/** A length of time for people: `850 ms`, `12.3 s`, `4 min 05 s`. */
export function formatElapsed(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  return `${minutes} min ${String(Math.floor(seconds % 60)).padStart(2, "0")} s`;
}

/** How long the rest will take at the rate so far, in words. An estimate, and marked so. */
export function eta({ finished, listed, listedAll, elapsed }: IngestProgress): string {
  if (!listedAll) return "still listing";
  if (finished >= listed) return "done";
  if (finished === 0 || elapsed === 0) return "ETA unknown";
  return `ETA ${formatElapsed((elapsed / finished) * (listed - finished))} (est.)`;
}

/** How many a second, over the whole time. */
export function rate(done: number, elapsed: number): string {
  return elapsed === 0 ? "-" : `${((done * 1000) / elapsed).toFixed(done * 1000 < elapsed * 10 ? 1 : 0)}/s`;
}
