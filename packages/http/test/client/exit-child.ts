/**
 * Cancels a request in each phase, and reports what is left. The servers are another process's business as far as
 * handles go, so they are unref'd; whatever else keeps this process alive is a leak of the client's.
 */
import { createServer, type Socket } from "node:net";
import { ClientSession, fetch } from "@tsyncio/http";
import { createTask, type Task } from "tsyncio";

const serverSockets = new Set<Socket>();

function serve(onData: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    serverSockets.add(socket);
    socket.on("close", () => serverSockets.delete(socket));
    socket.on("error", () => {});
    socket.once("data", () => onData(socket));
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port));
    server.unref();
  });
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const silent = await serve(() => {});
const stalling = await serve((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nsome"));
const answering = await serve((socket) => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"));

const session = new ClientSession({ limit: 4 });
async function* upload(): AsyncGenerator<string> {
  yield "x";
  await new Promise(() => {});
}

const tasks: Task<unknown>[] = [
  createTask(() => session.get(`https://127.0.0.1:${silent}/`)),
  createTask(() => session.post(`http://127.0.0.1:${silent}/`, { body: upload() })),
  createTask(() => session.get(`http://127.0.0.1:${silent}/`)),
  createTask(async () => (await session.get(`http://127.0.0.1:${stalling}/`)).text()),
  createTask(() => session.get(`http://127.0.0.1:${silent}/waits`)),
  createTask(() => session.get(`http://127.0.0.1:${silent}/waits-too`, { timeout: { acquire: "1m" } })),
];
while (serverSockets.size < 4) await turn();
for (const task of tasks) await task.cancelAndWait();
while (serverSockets.size > 0) await turn();

// Idle connections of sessions that nobody closes do not count.
await (await session.get(`http://127.0.0.1:${answering}/`)).text();
await (await fetch(`http://127.0.0.1:${answering}/`)).text();
for (const socket of serverSockets) socket.unref();

process.on("exit", () => {
  const resources = process
    .getActiveResourcesInfo()
    .filter((name) => name.startsWith("T") && !/^T(TY|CPServer)/.test(name));
  const cancelled = tasks.filter((task) => task.cancelled()).length;
  console.log(JSON.stringify({ cancelled, resources }));
});
