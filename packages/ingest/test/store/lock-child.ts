/** Holds the ingest lock of a store until it is killed: `node lock-child.ts PATH`. */
import { openStore } from "../../src/store/open-store.ts";

const store = await openStore(process.argv[2] ?? "");
await store.lockForIngest();
process.stdout.write("locked\n");
process.stdin.resume();
