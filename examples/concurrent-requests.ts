import { ClientSession } from "@tsyncio/http";
import { coroutine, gather, run } from "tsyncio";

const fetchUrl = coroutine(async (session: ClientSession, url: string) => {
  await using response = await session.get(url);
  return await response.text();
});

async function fetchAll(urls: string[]): Promise<string[]> {
  await using session = new ClientSession();
  const tasks = urls.map((url) => fetchUrl(session, url));
  return await gather(tasks); // Run tasks concurrently
}

async function main(): Promise<void> {
  const urls = ["https://www.example.com", "https://www.python.org", "https://realpython.com"];
  // URLs on the command line come instead.
  if (process.argv.length > 2) urls.splice(0, urls.length, ...process.argv.slice(2));

  const results = await fetchAll(urls);

  for (const [index, result] of results.entries()) {
    console.log(`Content from ${urls[index]}: ${result.slice(0, 50)}...`); // Print first 50 chars
  }
}

await run(main);
