import type { DatabaseSync } from "node:sqlite";
import { Engine } from "./engine.ts";
import { openDatabase } from "./open-database.ts";
import type { EngineConfiguration } from "./protocol.ts";

/** Opens the database and everything on it. */
export async function startEngine(configuration: EngineConfiguration): Promise<Engine> {
  const opened = openDatabase(configuration);
  try {
    const problem =
      configuration.vectorIndex === "off" ? "it was switched off" : await loadVectorExtension(opened.database);
    opened.database.enableLoadExtension(false);
    const notices =
      problem === undefined
        ? []
        : [
            `vectors are compared one by one, which is slower in large stores, because sqlite-vec is not used: ${problem}`,
          ];
    return new Engine({ ...opened, display: configuration.display, vectorExtension: problem === undefined, notices });
  } catch (error) {
    opened.database.close();
    throw error;
  }
}

/** Answers why it cannot be loaded: there is no build of it for every platform. */
async function loadVectorExtension(database: DatabaseSync): Promise<string | undefined> {
  try {
    const { getLoadablePath } = await import("sqlite-vec");
    database.loadExtension(getLoadablePath());
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
