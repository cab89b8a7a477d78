import { EventEmitter } from "node:events";
import { Future, moveOnAfter, run, suspend } from "tsyncio";

await run(async () => {
  const button = new EventEmitter();
  setTimeout(() => button.emit("press", "left"), 10);

  // A future is a result that somebody will set: the bridge from callbacks.
  const pressed = new Future<string>();
  button.once("press", (side: string) => pressed.setResult(side));
  console.log(await pressed);

  // `suspend` is the bridge that also cleans up when the wait is cancelled.
  const press = () =>
    suspend<string>("a press", (wait) => {
      const onPress = (side: string) => wait.resolve(side);
      button.once("press", onPress);
      return () => button.off("press", onPress);
    });
  console.log(await moveOnAfter("20ms", press, "nobody pressed"));
  console.log(button.listenerCount("press"));
});
