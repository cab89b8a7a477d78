import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** A request as the server got it. */
export interface ModelRequest {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: {
    readonly model: string;
    readonly input?: readonly string[];
    readonly messages?: readonly { readonly role: string; readonly content: string }[];
    readonly response_format?: { readonly type: string };
    readonly stream?: boolean;
  };
}

/** What a test makes of a request: JSON with status 200, or whatever it does with the response itself. */
export type Behaviour = (request: ModelRequest, response: ServerResponse, count: number) => unknown;

/** A server on the loopback that speaks the wire format of OpenAI, as badly as a test wants. */
export interface ModelServer extends AsyncDisposable {
  readonly baseUrl: string;
  readonly requests: readonly ModelRequest[];
}

export async function modelServer(behave: Behaviour): Promise<ModelServer> {
  const requests: ModelRequest[] = [];
  const server = createServer((incoming, response) => {
    void (async () => {
      const body = JSON.parse(await text(incoming)) as ModelRequest["body"];
      const request = { path: incoming.url ?? "", headers: incoming.headers, body };
      requests.push(request);
      const answer = await behave(request, response, requests.length);
      if (answer === undefined || response.headersSent) return;
      response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    })();
  });
  server.listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A vector that tells the text by its first number. */
export function vectorOf(input: string): number[] {
  return [input.length, 1, 0.5];
}

/** A right answer of `/embeddings`. */
export function embeddings(input: readonly string[]): {
  data: { index: number; embedding: number[] }[];
  usage: object;
} {
  return {
    data: input.map((item, index) => ({ index, embedding: vectorOf(item) })),
    usage: { prompt_tokens: input.length, total_tokens: input.length },
  };
}

/** A right answer of `/chat/completions`. */
export function completion(content: string, more: object = {}): object {
  return {
    choices: [{ message: { role: "assistant", content }, finish_reason: "stop", ...more }],
    usage: { prompt_tokens: 10, completion_tokens: 5 },
  };
}

/** An error, as OpenAI words it. */
export function fail(
  response: ServerResponse,
  status: number,
  error: object,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify({ error }));
}
