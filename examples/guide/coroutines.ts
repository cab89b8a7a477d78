import { coroutine, createTask, run, sleep } from "tsyncio";

const greet = coroutine(async (name: string) => {
  console.log(`hello, ${name}`);
  await sleep("10ms");
  return name.length;
});

await run(async () => {
  const call = greet("Ada"); // as in Python, nothing runs yet
  console.log("made, not started");
  console.log(await call); // now it runs, inside this task

  const task = createTask(greet("Grace")); // or it runs in a task of its own
  console.log("scheduled");
  console.log(await task);
});
