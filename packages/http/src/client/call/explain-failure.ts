import { errors } from "undici";
import { ProxyFailure } from "../connect/proxy-failure.ts";
import { ConnectionError, type FailureDetails, MalformedResponseError, ProxyError } from "../errors.ts";
import { isSourceFailure } from "../request/request-body.ts";

/** What undici throws because the peer does not speak HTTP as it should. */
const malformed = new Set(["UND_ERR_RES_CONTENT_LENGTH_MISMATCH", "UND_ERR_HEADERS_OVERFLOW"]);

/** What undici throws because the caller asked for something impossible. */
const refused = new Set(["UND_ERR_INVALID_ARG", "UND_ERR_NOT_SUPPORTED", "UND_ERR_REQ_CONTENT_LENGTH_MISMATCH"]);

/** Turns an error of undici or of the system into one of ours. Errors of the caller's own body stay as they are. */
export function explainFailure(error: Error, details: FailureDetails): Error {
  if (isSourceFailure(error)) return error;
  if (error instanceof ProxyFailure) return new ProxyError(details, error, error.status);
  if (error instanceof errors.HTTPParserError) return malformedResponse(error, details);
  const code = (error as { code?: unknown }).code;
  if (typeof code !== "string") return details.phase === "connect" ? new ConnectionError(details, error) : error;
  if (refused.has(code)) return new TypeError(`${details.request}: ${error.message}`, { cause: error });
  return malformed.has(code) ? malformedResponse(error, details) : new ConnectionError(details, error);
}

function malformedResponse(error: Error, details: FailureDetails): Error {
  return new MalformedResponseError(`${details.request}: a malformed response: ${error.message}`, error);
}
