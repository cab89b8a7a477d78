import assert from "node:assert/strict";
import { text as readText } from "node:stream/consumers";
import { test } from "node:test";
import { ClientSession } from "@tsyncio/http";
import OpenAI from "openai";
import { createTask, isCancelled } from "tsyncio";
import { serveHttp, signal } from "../servers.ts";

/** A chat API: streams `words`, or all but the end of them if `stall` is given. */
function serveChat(words: readonly string[], stall?: () => void) {
  return serveHttp((request, response) => {
    void readText(request).then((body) => {
      const { stream, model } = JSON.parse(body) as { stream?: boolean; model: string };
      const chunk = (delta: object): string => {
        return `data: ${JSON.stringify({ id: "1", object: "chat.completion.chunk", model, choices: [{ index: 0, delta }] })}\n\n`;
      };
      if (stream !== true) {
        const message = { role: "assistant", content: words.join("") };
        response.setHeader("content-type", "application/json");
        response.end(JSON.stringify({ id: "1", object: "chat.completion", model, choices: [{ index: 0, message }] }));
        return;
      }
      response.setHeader("content-type", "text/event-stream");
      for (const content of words) response.write(chunk({ content }));
      if (stall === undefined) response.end("data: [DONE]\n\n");
      else stall();
    });
  });
}

const question = { model: "m", messages: [{ role: "user" as const, content: "?" }] };

function clientOf(session: ClientSession, url: string): OpenAI {
  return new OpenAI({ apiKey: "key", baseURL: url, fetch: session.fetch, maxRetries: 0 });
}

test("the OpenAI package works on session.fetch, whole and streamed", async () => {
  await using server = await serveChat(["Hello", ", ", "world"]);
  await using session = new ClientSession();
  const openai = clientOf(session, server.url);
  const whole = await openai.chat.completions.create(question);
  assert.equal(whole.choices[0]?.message.content, "Hello, world");
  const words: string[] = [];
  for await (const part of await openai.chat.completions.create({ ...question, stream: true })) {
    words.push(part.choices[0]?.delta.content ?? "");
  }
  assert.deepEqual(words, ["Hello", ", ", "world"]);
});

test("a stream of the OpenAI package ends with its own signal, when it is left, and with the task, each with its socket", async () => {
  const stalled = signal();
  await using server = await serveChat(["Hello"], () => stalled.give());
  await using session = new ClientSession();
  const openai = clientOf(session, server.url);
  const stream = () => openai.chat.completions.create({ ...question, stream: true });

  for await (const _ of await stream()) break;
  await server.allClosed();

  const aborting = await stream();
  for await (const _ of aborting) aborting.controller.abort();
  await server.allClosed();

  const begun = signal();
  const errors: unknown[] = [];
  const task = createTask(async () => {
    try {
      for await (const _ of await stream()) begun.give();
    } catch (error) {
      errors.push(error);
      throw error;
    }
  });
  await begun.promise;
  await task.cancelAndWait();
  assert.ok(task.cancelled());
  assert.ok(isCancelled(errors[0]));
  await server.allClosed();
});
