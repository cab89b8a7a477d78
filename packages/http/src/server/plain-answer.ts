import type { ServerResponse } from "node:http";

const texts: Readonly<Record<number, string>> = {
  400: "Bad Request",
  413: "Content Too Large",
  417: "Expectation Failed",
  426: "Upgrade Required",
  431: "Request Header Fields Too Large",
  500: "Internal Server Error",
  501: "Not Implemented",
  503: "Service Unavailable",
};

/** Sends a short answer of the server's own, at once and whole. */
export function answerPlainly(outgoing: ServerResponse, status: number, close: boolean): void {
  const text = texts[status] as string;
  const fields = ["content-type", "text/plain; charset=utf-8", "content-length", String(text.length)];
  if (status === 426) fields.push("upgrade", "websocket");
  if (close) fields.push("connection", "close");
  outgoing.writeHead(status, fields);
  outgoing.end(text);
}
