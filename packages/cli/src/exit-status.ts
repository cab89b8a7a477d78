/** What the exit status of the command says. */
export const exitStatus = {
  ok: 0,
  failed: 1,
  usage: 2,
  /** Done, but some documents were refused, or some URLs failed; each with its reason. */
  partly: 3,
} as const;
