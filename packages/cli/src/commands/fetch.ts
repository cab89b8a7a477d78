import { Command, Option } from "commander";
import { ClientSession, redactUrl } from "@tsyncio/http";
import { type Duration, map, toMilliseconds } from "tsyncio";
import { InvalidArgumentError } from "commander";
import { exitStatus } from "../exit-status.ts";
import { fetchDisplay } from "../fetch/fetch-display.ts";
import { type Fetched, fetchUrl } from "../fetch/fetch-url.ts";
import { OutputFolder } from "../fetch/output-folder.ts";
import { wholeNumber } from "../number-argument.ts";
import type { OnStatus } from "../on-status.ts";

interface FetchFlags {
  readonly limit: number;
  readonly timeout: Duration;
  readonly retry: number;
  readonly json?: true;
  readonly output?: string;
}

/** `tsyncio fetch URL…`: several URLs at once, a line for each. */
export function fetchCommand(onStatus: OnStatus): Command {
  return new Command("fetch")
    .description("fetch URLs at once, with a limit, a timeout and retries")
    .argument("<urls...>", "http and https")
    .addOption(new Option("--limit <number>", "how many at once").argParser(wholeNumber(1)).default(10))
    .addOption(
      new Option("--timeout <duration>", 'for each URL, retries included: such as "500ms", "30s", "2m"')
        .argParser(duration)
        .default("30s"),
    )
    .addOption(new Option("--retry <number>", "how often to try again").argParser(wholeNumber(0)).default(2))
    .option("--output <folder>", "save each body as a file in this folder")
    .option("--json", "a JSON object a line, for each URL and at the end")
    .action(async (urls: string[], flags: FetchFlags, command: Command) => {
      const wrong = urls.find((url) => !isHttpUrl(url));
      // Not as an argument's parser: commander would print the argument whole, and so a password in it.
      if (wrong !== undefined) command.error(`error: expected an http or https URL, got '${redactUrl(wrong)}'`);
      const output = flags.output === undefined ? undefined : await OutputFolder.open(flags.output);
      const display = fetchDisplay(flags.json === true, urls.map(redactUrl));
      await using session = new ClientSession({ timeout: flags.timeout, retry: flags.retry, limit: flags.limit });
      try {
        const results = await map(
          urls,
          async (url, index) => {
            const fetched = await fetchUrl(session, url, output, (progress) => display.progress(index, progress));
            display.finished(index, fetched);
            return fetched;
          },
          { limit: flags.limit },
        );
        display.end(results);
        onStatus(statusOf(results));
      } finally {
        display.close();
      }
    });
}

function statusOf(results: readonly Fetched[]): number {
  const failed = results.filter(({ ok }) => !ok).length;
  if (failed === 0) return exitStatus.ok;
  return failed === results.length ? exitStatus.failed : exitStatus.partly;
}

function isHttpUrl(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === "http:" || url?.protocol === "https:";
}

function duration(text: string): Duration {
  const value = /^\d+(\.\d+)?$/u.test(text) ? Number(text) : (text as Duration);
  try {
    toMilliseconds(value, "--timeout");
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
  return value;
}
