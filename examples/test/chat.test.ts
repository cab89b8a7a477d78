import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { ClientSession, serve, testServer, type WebSocketConnection } from "@tsyncio/http";
import { sleep } from "tsyncio";
import { chat } from "../chat/chat.ts";
import type { ServerEvent } from "../chat/protocol.ts";
import { noBrowser, openBrowser } from "./chat-browser.ts";

async function next(socket: WebSocketConnection): Promise<ServerEvent> {
  return JSON.parse((await socket.receive()) as string) as ServerEvent;
}

/** The next event of a type; others pass by. */
async function nextOf<T extends ServerEvent["type"]>(
  socket: WebSocketConnection,
  type: T,
): Promise<Extract<ServerEvent, { type: T }>> {
  for (;;) {
    const event = await next(socket);
    if (event.type === type) return event as Extract<ServerEvent, { type: T }>;
  }
}

function join(session: ClientSession, name: string, room = "Lobby"): Promise<WebSocketConnection> {
  return session.ws("/chat", { query: { name, room } });
}

test("members of a room hear each other, newcomers get the history, and rooms are apart", async () => {
  await using server = await testServer(chat());
  await using ann = await join(server.session, " Ann  B. ");
  assert.deepEqual(await next(ann), { type: "welcome", you: "Ann B.", members: ["Ann B."], history: [] });
  await using other = await join(server.session, "Ann B.", "Kitchen");
  assert.equal((await nextOf(other, "welcome")).you, "Ann B.");
  await ann.send("first");
  const said = await nextOf(ann, "said");
  assert.equal(said.text, "first");
  await using ben = await join(server.session, "Ann B.");
  const welcome = await nextOf(ben, "welcome");
  assert.equal(welcome.you, "Ann B. 2");
  assert.deepEqual(welcome.members, ["Ann B.", "Ann B. 2"]);
  assert.deepEqual(welcome.history, [{ from: "Ann B.", text: "first", at: said.at }]);
  // Her own coming in was told together with it, or before.
  while (!(await nextOf(ann, "presence")).joined.includes("Ann B. 2"));
  await ben.send("second");
  assert.equal((await nextOf(ann, "said")).from, "Ann B. 2");
  await ben.close();
  assert.deepEqual(await next(ann), { type: "presence", joined: [], left: ["Ann B. 2"] });
  await other.send("alone");
  assert.equal((await nextOf(other, "said")).text, "alone");
});

test("what is no message of the chat, a name that is none, and pages of others are refused", async () => {
  await using server = await testServer(chat());
  await assert.rejects(join(server.session, "  "), { name: "WebSocketHandshakeError", status: 400 });
  const foreign = server.session.ws("/chat?name=a&room=b", { headers: { origin: "http://evil.example" } });
  await assert.rejects(foreign, { name: "WebSocketHandshakeError", status: 403 });
  await using ann = await join(server.session, "Ann");
  await ann.send(new Uint8Array([1]));
  await assert.rejects(nextOf(ann, "said"), { closeCode: 1008 });
  assert.equal((await server.session.get("/chat")).status, 400);
  assert.equal((await server.session.get("/nowhere")).status, 404);
});

test("somebody who does not read holds up nobody, and is told what was left out", async () => {
  await using server = await testServer(chat());
  await using slow = await server.session.ws("/chat", { query: { name: "Slow", room: "Lobby" }, receiveQueue: 1 });
  await using ann = await join(server.session, "Ann");
  await nextOf(ann, "welcome");
  const text = "x".repeat(2_000);
  const count = 5_000;
  for (let index = 0; index < count; index += 1) {
    await ann.send(text);
    await nextOf(ann, "said");
  }
  await ann.send("the last");
  const missed = await nextOf(slow, "missed");
  assert.ok(missed.count > 0 && missed.count < count);
  while ((await nextOf(slow, "said")).text !== "the last");
});

test("a thousand members hear what one of them says, and all are told goodbye", { timeout: 90_000 }, async () => {
  const server = await serve(chat(), { port: 0, hostname: "127.0.0.1", drain: "30s" });
  await using session = new ClientSession({ baseUrl: server.url });
  const members: WebSocketConnection[] = [];
  for (let index = 0; index < 1_000; index += 50) {
    const names = Array.from({ length: 50 }, (_, offset) => `Member ${index + offset}`);
    members.push(...(await Promise.all(names.map((name) => join(session, name)))));
    // Each reads on, so that nobody falls behind while the others come in.
    await Promise.all(members.slice(index).map((socket) => nextOf(socket, "welcome")));
  }
  const heard = members.map((socket) => nextOf(socket, "said"));
  await members[0]?.send("hello, everybody");
  for (const said of await Promise.all(heard)) assert.equal(said.text, "hello, everybody");
  const goodbyes = members.map((socket) => nextOf(socket, "goodbye"));
  const closing = server.close();
  await Promise.all(goodbyes);
  await closing;
  for (const socket of members) {
    await assert.rejects(nextOf(socket, "said"), { name: "WebSocketClosedError" });
    assert.equal(socket.closing?.code, 1001);
  }
});

test("Ctrl+C closes the program in order", async () => {
  const file = fileURLToPath(new URL("../chat/main.ts", import.meta.url));
  const program = spawn(process.execPath, ["--conditions=@tsyncio/source", file, "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(program.stdout), "line")) as [string];
  await using session = new ClientSession({ baseUrl: /http:[^;]+/.exec(line)?.[0] as string });
  await using ann = await join(session, "Ann");
  await nextOf(ann, "welcome");
  program.kill("SIGINT");
  await nextOf(ann, "goodbye");
  await assert.rejects(nextOf(ann, "said"), { closeCode: 1001 });
  assert.deepEqual(await once(program, "exit"), [0, null]);
});

test("two people talk in two pages of a browser", { skip: noBrowser, timeout: 90_000 }, async () => {
  await using server = await testServer(chat());
  await using browser = await openBrowser();
  const [ann, ben] = await Promise.all([browser.newPage(), browser.newPage()]);
  const complaints: string[] = [];
  for (const page of [ann, ben]) {
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => message.type() === "error" && complaints.push(message.text()));
  }
  for (const [page, name] of [
    [ann, "Ann Archer"],
    [ben, "Ben"],
  ] as const) {
    await page.goto(server.url);
    await page.getByLabel("Your name").fill(name);
    await page.getByRole("button", { name: "Enter" }).click();
    await page.getByText(`You are ${name}.`).waitFor();
  }
  const say = async (page: typeof ann, text: string): Promise<void> => {
    await page.getByLabel("Message", { exact: true }).fill(text);
    await page.keyboard.press("Enter");
  };
  await say(ann, "Hello, Ben! <b>not bold</b>");
  await ben.getByText("Hello, Ben! <b>not bold</b>").waitFor();
  await say(ben, "Hi Ann, I can read you well.");
  await say(ben, "Shall we meet in the kitchen?");
  await ann.getByText("Shall we meet in the kitchen?").waitFor();
  await ann.getByText("Ben came in.").waitFor();
  assert.equal(await ann.locator("#count").textContent(), "2");
  const { CHAT_SCREENSHOTS: folder } = process.env;
  if (folder !== undefined) {
    await ann.screenshot({ path: `${folder}/chat.png` });
    await ann.emulateMedia({ colorScheme: "dark" });
    await ann.screenshot({ path: `${folder}/chat-dark.png` });
    await ann.setViewportSize({ width: 380, height: 640 });
    await ann.screenshot({ path: `${folder}/chat-narrow.png` });
  }
  await ben.getByRole("button", { name: "Leave" }).click();
  await ann.getByText("Ben left.").waitFor();
  await ben.getByRole("button", { name: "Enter" }).waitFor();
  if (folder !== undefined) await ben.screenshot({ path: `${folder}/door.png` });
  await sleep(0);
  assert.deepEqual(complaints, []);
});
