/** Does what its argument says with the common pool, and ends by itself. */
import { isCancelled, moveOnAfter, run, sleepForever } from "tsyncio";
import { threadModule, toThread } from "../src/index.ts";
import { changed, sharedCounter } from "./shared-counter.ts";

const jobs = threadModule<typeof import("./jobs-child.ts")>("./jobs-child.ts", import.meta.url);

const deeds: Readonly<Record<string, () => Promise<void>>> = {
  async finish() {
    console.log(await toThread(jobs, "double", 21));
  },
  async cancel() {
    const counter = sharedCounter();
    await moveOnAfter("20ms", () => toThread(jobs, "spin", counter));
    console.log("moved on");
  },
  async fail() {
    await toThread(jobs, "double", 1).catch((error: Error) => console.log(`${error.name}: ${error.message}`));
  },
  async signal() {
    try {
      await run(async () => {
        const counter = sharedCounter();
        const spinning = toThread(jobs, "spin", counter);
        await changed(counter, 0);
        process.kill(process.pid, "SIGTERM");
        await Promise.all([spinning, sleepForever()]);
      });
    } catch (error) {
      console.log(isCancelled(error) ? "cancelled" : error);
    }
  },
};

await deeds[process.argv[2] ?? ""]?.();
