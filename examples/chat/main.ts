/**
 * A chat server with rooms, history and presence: `node examples/chat/main.ts [PORT]`, then open the page that it names.
 * Ctrl+C says goodbye to everybody and waits until they have gone.
 */
import { serve } from "@tsyncio/http";
import { run } from "tsyncio";
import { chat } from "./chat.ts";

const port = Number(process.argv[2] ?? 8080);

await run(
  async () => {
    await using server = await serve(chat(), { port, hostname: "127.0.0.1", drain: "5s" });
    console.log(`The chat is open at ${server.url}; Ctrl+C closes it.`);
    await server.closed;
  },
  { drain: "10s" },
);
