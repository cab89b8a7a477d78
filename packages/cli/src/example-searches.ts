/** The questions of the demonstration, and the page whose passage is to come first; a test checks that it does. */
export const exampleSearches: readonly { readonly query: string; readonly page: string }[] = [
  {
    query: "how do I stop a stream from the server",
    page: "node_modules/ai/docs/06-advanced/02-stopping-streams.mdx",
  },
  { query: "retry a failed request", page: "node_modules/undici/docs/docs/api/RetryAgent.md" },
  { query: "keep comments and blank lines in YAML", page: "node_modules/yaml/README.md" },
];
