/** The questions of the demonstration, and the page whose passage is to come first; a test checks that it does. */
export const exampleSearches: readonly { readonly query: string; readonly page: string }[] = [
  { query: "how do I stop a stream from the server", page: "" },
];
