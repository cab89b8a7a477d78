import { Command, Option } from "commander";
import { ask } from "@tsyncio/ingest";
import { displayPath } from "../display-path.ts";
import { exitStatus } from "../exit-status.ts";
import { wholeNumber } from "../number-argument.ts";
import type { OnStatus } from "../on-status.ts";
import { openExistingStore, type StoreOption, withStoreOption } from "../store-option.ts";
import { style } from "../style.ts";

interface AskFlags extends StoreOption {
  readonly k: number;
  readonly json?: true;
}

/** `tsyncio ask QUESTION`: the best sentences, each with its source. */
export function askCommand(onStatus: OnStatus): Command {
  return withStoreOption(
    new Command("ask").description("answer a question with the documents' own sentences (extractive, no model)"),
  )
    .argument("<question...>", "words; several arguments are one question")
    .addOption(new Option("-k <number>", "how many passages are read").argParser(wholeNumber(1)).default(6))
    .option("--json", "one JSON object instead of text")
    .action(async (words: string[], flags: AskFlags) => {
      await using store = await openExistingStore(flags, { readOnly: true });
      const answer = await ask(store, words.join(" "), { k: flags.k });
      if (flags.json === true) {
        process.stdout.write(`${JSON.stringify(answer)}\n`);
      } else if (answer.text === "") {
        process.stdout.write("Nothing in the store answers that.\n");
      } else {
        process.stdout.write(
          `${answer.text}\n\n${style("dim", "extractive: the documents' own sentences, chosen without a model")}\n`,
        );
        for (const { number, source, title, headings } of answer.sources) {
          const path = [title, ...headings.filter((heading) => heading !== title)].join(" › ");
          process.stdout.write(`[${number}] ${style("cyan", displayPath(source))}  ${path}\n`);
        }
      }
      onStatus(exitStatus.ok);
    });
}
