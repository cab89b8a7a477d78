/** Something that somebody has said. */
export interface Saying {
  readonly from: string;
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** What the server tells a member. */
export type ServerEvent =
  | { readonly type: "welcome"; readonly you: string; readonly members: string[]; readonly history: readonly Saying[] }
  | ({ readonly type: "said" } & Saying)
  | { readonly type: "presence"; readonly joined: readonly string[]; readonly left: readonly string[] }
  | { readonly type: "missed"; readonly count: number }
  | { readonly type: "goodbye"; readonly text: string };

export function encode(event: ServerEvent): string {
  return JSON.stringify(event);
}

/** A name of a person or a room, tidied up; null for none. */
export function readName(input: string | null): string | null {
  const name = (input ?? "").replaceAll(/\s+/g, " ").trim();
  return name.length > 0 && name.length <= 30 ? name : null;
}

/** What a member has said; null for what is no message of the chat. */
export function readSaying(message: unknown): string | null {
  if (typeof message !== "string") return null;
  const text = message.trim();
  return text.length > 0 && text.length <= 2_000 ? text : null;
}
