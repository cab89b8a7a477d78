import { ClientSession } from "@tsyncio/http";
import { coroutine, gather, run } from "tsyncio";

const fetchUrl = coroutine(async (session: ClientSession, url: string) => {
  await using response = await session.get(url);
  return await response.text();
});

const main = coroutine(async () => {
  // URLs on the command line come instead.
  const urls =
    process.argv.length > 2
      ? process.argv.slice(2)
      : ["https://www.example.com", "https://www.python.org", "https://realpython.com"];

  await using session = new ClientSession();
  const tasks = urls.map((url) => fetchUrl(session, url));
  const results = await gather(tasks); // Run tasks concurrently

  for (const [index, result] of results.entries()) {
    console.log(`Content from ${urls[index]}: ${result.slice(0, 50)}...`); // Print first 50 chars
  }
});

await run(main());
