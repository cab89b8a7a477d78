/**
 * The store's thread. It answers requests one after the other, each to its end: nothing outside can end it inside a
 * transaction, short of the end of the process, and then the transaction never happened.
 */
import { parentPort, workerData } from "node:worker_threads";
import type { EngineMethod } from "./engine-calls.ts";
import type { EngineConfiguration, EngineRequest, EngineResponse } from "./protocol.ts";
import { silenceSqliteWarning } from "./silence-sqlite-warning.ts";
import { explain } from "./sqlite-failure.ts";
import { toWire } from "./wire-error.ts";

if (parentPort === null) throw new Error("the store's worker must be started as a worker thread");
const port = parentPort;
const configuration = workerData as EngineConfiguration;

// Before anything that imports node:sqlite is loaded.
silenceSqliteWarning();
const { startEngine } = await import("./start-engine.ts");

const engine = await startEngine(configuration).catch((error: unknown) => fail(0, error));
if (engine === undefined) {
  port.close();
} else {
  port.on("message", (request: EngineRequest) => {
    answer(request);
    if (request.method === "close") port.close();
  });
  port.postMessage({ id: 0, value: engine.greeting() } satisfies EngineResponse);
}

function answer({ id, method, args }: EngineRequest): void {
  try {
    const call = engine?.[method as EngineMethod] as (...args: readonly unknown[]) => unknown;
    port.postMessage({ id, value: call.apply(engine, args as unknown[]) } satisfies EngineResponse);
  } catch (error) {
    fail(id, error);
  }
}

function fail(id: number, error: unknown): undefined {
  port.postMessage({ id, error: toWire(explain(error, configuration.display)) } satisfies EngineResponse);
}
