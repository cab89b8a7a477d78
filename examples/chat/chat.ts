import { readFile } from "node:fs/promises";
import type { Handler, RequestContext, WebSocketConnection } from "@tsyncio/http";
import { taskGroup } from "tsyncio";
import { encode, readName, readSaying } from "./protocol.ts";
import { type Member, Room } from "./room.ts";

const page: Readonly<Record<string, readonly [file: string, type: string]>> = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/chat.css": ["chat.css", "text/css; charset=utf-8"],
  "/chat.js": ["chat.js", "text/javascript; charset=utf-8"],
};

const security = {
  "content-security-policy": "default-src 'self'; img-src data:",
  "x-content-type-options": "nosniff",
};

/** The handler of a chat: its page, and a WebSocket for everybody who talks. */
export function chat(): Handler {
  const rooms = new Map<string, Room>();
  return async (request, context) => {
    const url = new URL(request.url);
    if (url.pathname === "/chat") return talk(rooms, request, context, url.searchParams);
    const [file, type] = page[url.pathname] ?? [];
    if (file === undefined || type === undefined) return new Response("There is no such page.", { status: 404 });
    const text = await readFile(new URL(`page/${file}`, import.meta.url));
    return new Response(text, { headers: { "content-type": type, ...security } });
  };
}

async function talk(
  rooms: Map<string, Room>,
  request: Request,
  context: RequestContext,
  query: URLSearchParams,
): Promise<Response | undefined> {
  // A page of somebody else's must not talk in the name of whoever looks at it.
  const origin = request.headers.get("origin");
  if (origin !== null && new URL(origin).host !== request.headers.get("host")) {
    return new Response("The chat is for its own page.", { status: 403 });
  }
  const name = readName(query.get("name"));
  const topic = readName(query.get("room"));
  if (name === null || topic === null) return new Response("Give a name and a room.", { status: 400 });
  const socket = await context.upgrade({ maxMessageSize: 16 * 1024 });
  const room = rooms.get(topic) ?? new Room();
  rooms.set(topic, room);
  const member = room.join(name);
  try {
    await converse(socket, room, member, context);
  } finally {
    room.leave(member);
    if (room.size === 0 && rooms.get(topic) === room) rooms.delete(topic);
  }
  return undefined;
}

/** Three tasks for each member: one listens, one delivers, one waits to say goodbye. The first ends the others. */
async function converse(
  socket: WebSocketConnection,
  room: Room,
  member: Member,
  context: RequestContext,
): Promise<void> {
  await taskGroup(async (group) => {
    group.createTask(() => deliver(socket, member), { daemon: true });
    group.createTask(
      async () => {
        await context.shuttingDown.wait();
        await socket.send(encode({ type: "goodbye", text: "The server is closing. See you soon!" }));
        await socket.close(1001, "the server is closing");
      },
      { daemon: true },
    );
    for await (const message of socket) {
      const text = readSaying(message);
      if (text === null) await socket.close(1008, "not a message of this chat");
      else room.say(member, text);
    }
  });
}

/** Sends a member what happens in the room. Only this task waits when the member's connection is slow. */
async function deliver(socket: WebSocketConnection, member: Member): Promise<void> {
  await socket.send(member.welcome);
  let dropped = 0;
  for await (const event of member.events) {
    if (member.events.dropped > dropped) {
      await socket.send(encode({ type: "missed", count: member.events.dropped - dropped }));
      dropped = member.events.dropped;
    }
    await socket.send(event);
  }
}
