/**
 * The world in which the examples of doc comments and pages live: what they use without saying where it comes from. A
 * name that an example needs is added here, as small as it can be, and with the type that a reader would guess. Most of
 * it waits for virtual time only; `localServer` is a real one.
 */
import { EventEmitter } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { getRunningLoop, Lock, shield, sleep } from "tsyncio";

export { default as assert } from "node:assert/strict";

export const urls = ["https://example.com/a", "https://example.com/b", "https://example.com/c"];
export const [url = ""] = urls;

export const fetchPage = (url: string): Promise<string> => sleep("50ms", `the page at ${url}`);

interface User {
  readonly id: number;
  readonly name: string;
}

export const loadUser = (id: number): Promise<User> => sleep("20ms", { id, name: "Ada" });
export const loadPosts = (id: number): Promise<string[]> => sleep("30ms", [`a post of user ${id}`]);
export const render = (user: User, posts: readonly string[]): string => `${user.name}: ${posts.join(", ")}`;

/** What is done with a result. */
export const show = (value: unknown): void => void String(value);
export const heartbeat = (): Promise<void> => sleep("10ms");

/** Somebody presses its left and its right side in turns, ever and again, as long as anybody listens. */
export const button = new EventEmitter<{ press: [side: string] }>();
button.on("newListener", (name) => {
  if (name === "press") pressLater("left");
});

function pressLater(side: "left" | "right"): void {
  getRunningLoop().callLater("1s", () => {
    if (button.emit("press", side)) pressLater(side === "left" ? "right" : "left");
  });
}

/** A connection to a database. */
export class Connection implements AsyncDisposable {
  open = true;
  query(text: string): Promise<string> {
    return sleep("10ms", `the answer to ${text}`);
  }
  async end(): Promise<void> {
    await sleep("10ms");
    this.open = false;
  }
  [Symbol.asyncDispose](): Promise<void> {
    return shield(() => this.end());
  }
}
export const addresses = ["192.0.2.1", "192.0.2.2"];
export const connect = (_address: string): Promise<Connection> => sleep("20ms", new Connection());

/** An account that can be used by many at once. */
export class Account {
  balance: number;
  private readonly lock = new Lock();
  constructor(balance: number) {
    this.balance = balance;
  }
  async withdraw(amount: number): Promise<void> {
    using _lease = await this.lock.acquire();
    const { balance } = this;
    await sleep("1ms");
    if (balance < amount) throw new Error(`there are only ${balance} left`);
    this.balance = balance - amount;
  }
}
export const account = new Account(100);

/** A service that is not always up to it. */
export class HttpError extends Error {
  readonly status: number;
  readonly headers = new Headers({ "retry-after": "2" });
  constructor(status: number) {
    super(`the status was ${status}`);
    this.status = status;
  }
}
let failures = 1;
export const load = async (url: string): Promise<string> => {
  await sleep("20ms");
  if (failures-- > 0) throw new HttpError(503);
  return `what is at ${url}`;
};

/** A language model. */
export const questions = ["Why do bees hum?", "When does the tide turn?"];
export const ask = (question: string): Promise<string> => sleep("200ms", `an answer to ${question}`);

/** A pipeline of documents. */
export const documents = [{ text: "Bees hum." }, { text: "Tides turn." }];
export const chunks = [
  { text: "Bees", tokens: 1 },
  { text: "hum.", tokens: 2 },
];
export const batches = [{ chunks, tokens: 3 }];
export const files = ["bees.md", "tides.md"];
export const sitemaps = ["https://example.com/sitemap.xml"];
export const read = (file: string): Promise<string> => sleep("5ms", `# ${file}`);
export const parse = (text: string): Promise<{ readonly text: string }> => sleep("5ms", { text });
export const embed = (_texts: unknown): Promise<number[]> => sleep("40ms", [0.5, 0.25]);
export const summarise = ({ text }: { readonly text: string }): Promise<string> => sleep("60ms", text.slice(0, 20));
export const save = (..._what: unknown[]): Promise<void> => sleep("5ms");
export const pagesOf = (_sitemap: string): Promise<string[]> => sleep("30ms", urls);
export const visit = (url: string): Promise<string> => fetchPage(url);
export const download = (url: string): Promise<{ readonly ok: boolean; readonly text: string }> =>
  sleep("50ms", { ok: true, text: `the page at ${url}` });

const server = createServer((_request, response) => response.end("hello")).listen(0, "127.0.0.1");
server.unref().on("connection", (socket) => socket.unref());
await new Promise((resolve) => server.once("listening", resolve));
export const localServer = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
