import { TimeoutError } from "tsyncio";
import { retryAfterOf } from "./retry-after-of.ts";
import { ServiceError, type ServiceTrouble } from "./service-error.ts";

/** As much of an error's text as a message shows. */
const longestText = 300;

/** What services say of a request that is too large, beside the status 413. */
const tooLarge =
  /too many (tokens|inputs)|maximum context|context.length|max.*tokens.*(request|batch)|too (large|long)/iu;

/** The error for a response that is none: what the service said, in one line. */
export async function answerError(address: string, response: Response): Promise<ServiceError> {
  const { status } = response;
  const { text, code } = sayingOf(await bodyOf(response));
  const trouble = troubleOf(status, text, code);
  const said = text === "" ? "" : `: ${text}`;
  return new ServiceError(trouble, `${address} answered ${status}${said}${adviceFor(status, trouble)}`, {
    status,
    retryAfter: retryAfterOf(response.headers),
  });
}

/** The error for a request that got no response. */
export function brokenError(address: string, error: unknown): ServiceError {
  if (error instanceof TimeoutError) {
    return new ServiceError("failure", `${address} did not answer in time: ${error.message}`, { cause: error });
  }
  return new ServiceError("failure", `${address} could not be reached: ${reasonOf(error)}`, { cause: error });
}

function troubleOf(status: number, text: string, code: string): ServiceTrouble {
  if (code === "insufficient_quota") return "hopeless";
  if (status === 429 || status === 503 || status === 529) return "overload";
  if (status === 408 || status === 409 || status === 425 || status >= 500) return "failure";
  if (status === 413 || code === "context_length_exceeded" || (status === 400 && tooLarge.test(text)))
    return "too-large";
  return status === 401 || status === 402 || status === 403 || status === 404 ? "hopeless" : "bad-request";
}

function adviceFor(status: number, trouble: ServiceTrouble): string {
  if (trouble !== "hopeless") return "";
  if (status === 401 || status === 403) return "; check the key";
  return status === 404 ? "; check the address and the name of the model" : "; check the account";
}

/** The beginning of a body, also of one that breaks off. */
async function bodyOf(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch {
    return "";
  }
}

/** `{"error": {"message", "code"}}`, as OpenAI and most others answer; or whatever else it is. */
function sayingOf(body: string): { readonly text: string; readonly code: string } {
  try {
    const parsed = JSON.parse(body) as Readonly<Record<string, unknown>>;
    const { error } = parsed;
    if (typeof error !== "object" || error === null)
      return { text: firstText(error, parsed["message"], parsed["detail"]), code: "" };
    const { message, code, type } = error as Readonly<Record<string, unknown>>;
    return { text: firstText(message), code: firstText(code, type) };
  } catch {
    return { text: inOneLine(body.replaceAll(/<[^>]*>/gu, " ")), code: "" };
  }
}

/** The first that says something. */
function firstText(...values: readonly unknown[]): string {
  const said = values.find((value) => value !== undefined && value !== null);
  return said === undefined ? "" : inOneLine(typeof said === "string" ? said : JSON.stringify(said));
}

function inOneLine(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ").trim();
  return line.length > longestText ? `${line.slice(0, longestText)}…` : line;
}

/** The innermost reason: "fetch failed" says nothing. */
function reasonOf(error: unknown): string {
  let at = error;
  while (at instanceof Error && at.cause instanceof Error) at = at.cause;
  return at instanceof Error ? at.message : String(at);
}
