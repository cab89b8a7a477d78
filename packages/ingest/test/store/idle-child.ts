/** Uses a store and forgets to close it: `node idle-child.ts PATH`. */
import { openStore } from "../../src/store/open-store.ts";
import { CONFIGURATION, record } from "./records.ts";

const store = await openStore(process.argv[2] ?? "");
await store.prepare(CONFIGURATION);
await store.save([record("/docs/a", ["heron"])]);
process.stdout.write(`${(await store.status()).documents}\n`);
