import type { Engine } from "./engine.ts";

/** The calls that the store's thread answers: the public methods of its engine, by name. */
export type EngineMethod = {
  [Name in keyof Engine]: Engine[Name] extends (...args: never[]) => unknown ? Name : never;
}[keyof Engine];

export type EngineArguments<Name extends EngineMethod> = Parameters<Engine[Name]>;
export type EngineResult<Name extends EngineMethod> = ReturnType<Engine[Name]>;
