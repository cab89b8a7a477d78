import { createHash } from "node:crypto";
import type { AnswerCache } from "../model/interfaces.ts";
import type { UsageMeter } from "./usage.ts";

/** The key under which an answer is kept: all that decides about it. */
export function answerKey(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest("base64url");
}

/** An answer that was kept, or else the one that `ask` gives, which is kept before it is used. */
export async function keptText(
  answers: AnswerCache | undefined,
  key: string,
  usage: UsageMeter,
  ask: () => Promise<string>,
): Promise<string> {
  if (answers === undefined) return ask();
  const kept = (await answers.get([key])).get(key);
  if (kept !== undefined) {
    usage.kept += 1;
    return new TextDecoder().decode(kept);
  }
  const answer = await ask();
  await answers.put(new Map([[key, new TextEncoder().encode(answer)]]));
  return answer;
}
