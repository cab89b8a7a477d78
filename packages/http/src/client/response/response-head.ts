import type { RawHeaders } from "../../shared/headers.ts";

/** The beginning of a response. */
export interface ResponseHead {
  readonly status: number;
  readonly statusText: string;
  readonly headers: RawHeaders;
}
