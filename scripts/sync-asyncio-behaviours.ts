/**
 * `node scripts/sync-asyncio-behaviours.ts`: writes the page that tells which of asyncio's behaviours hold here, from
 * the catalogue in `packages/tsyncio/test/asyncio` and the titles of the tests. A test fails while it is out of date.
 */
import { writeFileSync } from "node:fs";
import { catalogue } from "../packages/tsyncio/test/asyncio/catalogue.ts";
import { readCitations } from "../packages/tsyncio/test/asyncio/citations.ts";
import { pageUrl, renderPage } from "../packages/tsyncio/test/asyncio/page.ts";

writeFileSync(pageUrl, renderPage(catalogue, readCitations()));
