/**
 * `npm start`: without arguments the demonstration, with arguments the command `tsyncio`.
 */
if (process.argv.length > 2) {
  await import(new URL("../packages/tsyncio/bin/tsyncio.js", import.meta.url).href);
} else {
  const { demo } = await import("../packages/cli/src/demo.ts");
  await demo();
}
