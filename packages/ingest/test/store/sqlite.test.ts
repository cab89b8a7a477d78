import { join } from "node:path";
import { after, before } from "node:test";
import { openStore } from "../../src/store/open-store.ts";
import { storeConformance } from "./conformance.ts";
import { temporaryFolder, type TemporaryFolder } from "./temporary-folder.ts";

let folder: TemporaryFolder;
let count = 0;
before(async () => {
  folder = await temporaryFolder();
});
after(() => folder[Symbol.asyncDispose]());

storeConformance("SQLite, with the vector extension", () => openStore(`sqlite:${join(folder.path, `${count++}.db`)}`));
storeConformance("SQLite, without the vector extension", () =>
  openStore(`sqlite:${join(folder.path, `${count++}.db`)}`, { vectorIndex: "off" }),
);
storeConformance("SQLite, in memory", () => openStore("sqlite::memory:"));
