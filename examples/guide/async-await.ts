import { run, sleep, timeout, TimeoutError } from "tsyncio";

const load = async (id: number) => {
  try {
    await sleep(id === 1 ? "10ms" : "1h");
    return `document ${id}`;
  } finally {
    console.log(`closed ${id}`); // runs also when the wait above is cancelled
  }
};

await run(async () => {
  console.log(await load(1));
  try {
    console.log(await timeout("50ms", () => load(2)));
  } catch (error) {
    if (!(error instanceof TimeoutError)) throw error;
    console.log(error.message); // the work has stopped, not only the waiting
  }
});
