/** Class names by which highlighters mark a language: highlight.js, Prism, Sphinx, GitHub. */
const LANGUAGE_CLASS = /(?:^|\s)(?:language|lang|highlight-source|highlight|brush:)[- ]?([a-z][\w+#-]*)/i;
const NO_LANGUAGE: ReadonlySet<string> = new Set(["default", "none", "nohighlight", "notranslate", "source", "auto"]);

/** The programming language that a class attribute names, in lower case. */
export function languageOfClass(classes: string | undefined): string | undefined {
  if (classes === undefined) return undefined;
  const language = LANGUAGE_CLASS.exec(classes.slice(0, 300))?.[1]?.toLowerCase();
  return language === undefined || NO_LANGUAGE.has(language) ? undefined : language;
}
