/** A server whose run is ended by signals. */
import { serve } from "@tsyncio/http";
import { run, sleepForever } from "tsyncio";

const drain = process.argv[2] === "drain" ? { drain: "1m" as const } : {};

await run(async () => {
  await using server = await serve(
    async (request, context) => {
      console.log("arrived");
      const { pathname } = new URL(request.url);
      try {
        await context.shuttingDown.wait();
        console.log("stopping");
        if (pathname === "/until-stopping") return new Response("stopped in order");
        return await sleepForever();
      } catch (error) {
        console.log("cancelled");
        if (pathname !== "/swallow") throw error;
        return await new Promise<Response>(() => setInterval(() => {}, 1_000));
      }
    },
    { port: 0, hostname: "127.0.0.1", drain: "1m" },
  );
  console.log(`port ${server.port}`);
  await server.closed;
}, drain);
