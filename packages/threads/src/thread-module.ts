declare const exportsType: unique symbol;

/** A module whose exported functions can be called in a worker thread; made by {@link threadModule}. */
export interface ThreadModule<Exports> {
  readonly url: URL;
  /** Present in the type only. */
  readonly [exportsType]?: Exports;
}

/** A function that a thread can run: it takes one value that can be sent between threads, and returns another. */
type SendableFunction = (argument: never) => unknown;

/** The names of the exports of a module that can run in a thread. */
export type ThreadFunctionName<Exports> = {
  [Name in keyof Exports & string]: Exports[Name] extends SendableFunction ? Name : never;
}[keyof Exports & string];

/** What an exported function takes. */
export type ThreadArgument<Exports, Name extends keyof Exports> = Exports[Name] extends (
  ...arguments_: infer Arguments
) => unknown
  ? Arguments extends readonly []
    ? undefined
    : Arguments[0]
  : never;

/** What an exported function returns, once its promise, if it returns one, is fulfilled. */
export type ThreadResult<Exports, Name extends keyof Exports> = Exports[Name] extends (
  ...arguments_: never[]
) => infer Result
  ? Awaited<Result>
  : never;

/**
 * Names a module for use in worker threads, with its types, so that the name, the argument and the result of each call
 * are checked. Loads nothing here. It is a value of its own because TypeScript infers either all type arguments of a
 * call or none: the module's type is given here, once, and each call infers the rest.
 *
 *     const parser = threadModule<typeof import("./parser.ts")>("./parser.ts", import.meta.url);
 *     const document = await toThread(parser, "parse", bytes);
 *
 * A compiler rewrites the extensions of imports, but not of URLs. So this does what the compiler did to the caller: if
 * `base` is a `.js` file, `./parser.ts` means `./parser.js` (likewise `.mts` and `.cts`), and one line of source works
 * in a checkout that runs TypeScript directly, and in the build.
 *
 * @param specifier The module's path relative to `base`, with the extension of its source.
 * @param base The caller's `import.meta.url`.
 */
export function threadModule<Exports>(specifier: `./${string}` | `../${string}`, base: string): ThreadModule<Exports> {
  const built = /\.[cm]?js$/.test(new URL(base).pathname);
  return { url: new URL(built ? specifier.replace(/\.([cm]?)ts$/, ".$1js") : specifier, base) };
}
