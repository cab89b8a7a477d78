import { run, sleep, taskGroup } from "tsyncio";

const download = async (name: string, duration: number) => {
  try {
    await sleep(duration);
    if (name === "b") throw new Error("b is gone");
    console.log(`${name} is here`);
  } finally {
    console.log(`${name} has ended`);
  }
};

await run(async () => {
  try {
    // The group ends when all its tasks have; the first failure cancels the others.
    await taskGroup(async (group) => {
      group.createTask(() => download("a", 10));
      group.createTask(() => download("b", 20));
      group.createTask(() => download("c", 3_600_000));
    });
  } catch (error) {
    console.log((error as Error).message);
  }
});
