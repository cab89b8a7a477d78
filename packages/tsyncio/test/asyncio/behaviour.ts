/**
 * What one or several of CPython's tests of asyncio check, and what becomes of it here. Where something differs,
 * `behaviour` is the sentence that holds here, and `reason` says why it is another one.
 */
export type Behaviour =
  | {
      /** The names of CPython's tests; `gh-108951` stands for an issue of CPython whose tests it is about. */
      readonly tests: readonly string[];
      readonly here: "same";
      readonly behaviour: string;
    }
  | {
      readonly tests: readonly string[];
      /**
       * - `adapted`: the intent is the same, the surface is another one;
       * - `rewritten`: the rule is another one, on purpose;
       * - `left out`: it has no counterpart here. `behaviour` is asyncio's.
       */
      readonly here: "adapted" | "rewritten" | "left out";
      readonly behaviour: string;
      readonly reason: string;
    };

/** What is in one file of CPython's `Lib/test/test_asyncio`. */
export interface CpythonFile {
  /** Without `.py`. */
  readonly name: string;
  readonly behaviours: readonly Behaviour[];
}
