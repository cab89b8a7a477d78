/**
 * A look into a running program: who waits for whom, since when, on what.
 *
 *     kill -USR2 PID    prints the tree of tasks while it runs; here the program does so itself
 */
import { Event, Queue, run, sleep, taskGroup } from "tsyncio";
import { formatTaskTree, printCallGraph, snapshot } from "tsyncio/inspect";

const jobs = new Queue<string>({ maxsize: 10 });
const ready = new Event();

async function load(): Promise<void> {
  await ready.wait();
  await jobs.put("a job");
}

async function save(): Promise<void> {
  console.log(`saved ${await jobs.get()}`);
}

process.on("SIGUSR2", () => console.error(formatTaskTree(snapshot())));

await run(async () => {
  await taskGroup((group) => {
    const loading = group.createTask(load, { name: "load" });
    group.createTask(save, { name: "save" });
    group.createTask(async () => {
      await sleep("10ms");
      console.log(formatTaskTree(snapshot()));
      printCallGraph(loading);
      ready.set();
    });
  });
});
