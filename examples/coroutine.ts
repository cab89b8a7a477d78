import { coroutine, run, sleep } from "tsyncio";

const myCoroutine = coroutine(async () => {
  console.log("Coroutine started");
  await sleep("1s");
  console.log("Coroutine finished");
});

const main = coroutine(async () => {
  await myCoroutine();
});

await run(main());
