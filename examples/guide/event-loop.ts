import { checkpoint, gather, run, sleep } from "tsyncio";

// One thread, one loop: while one coroutine waits, the others run.
const worker = async (name: string, steps: number) => {
  for (let step = 1; step <= steps; step += 1) {
    console.log(`${name}: step ${step}`);
    await sleep("10ms");
  }
};

// A long computation waits for nothing, so it hands control back by itself.
const computation = async () => {
  let sum = 0;
  for (let number = 0; number < 3_000_000; number += 1) {
    sum += number;
    if (number % 100_000 === 0) await checkpoint();
  }
  console.log(`sum: ${sum}`);
};

await run(() => gather([() => worker("a", 2), () => worker("b", 2), computation]));
