import { test } from "node:test";
import { type ClientResponse, ClientSession, fetch, type RequestOptions } from "@tsyncio/http";
import { expectTypeOf } from "expect-type";

test("options and results are typed", () => {
  type Get = ClientSession["get"];
  expectTypeOf<ReturnType<Get>>().toEqualTypeOf<Promise<ClientResponse>>();
  expectTypeOf<[URL, RequestOptions]>().toExtend<Parameters<Get>>();
  expectTypeOf<ClientResponse["body"]>().toExtend<AsyncIterable<Uint8Array>>();
  expectTypeOf<ReturnType<ClientResponse["text"]>>().toEqualTypeOf<Promise<string>>();
  expectTypeOf<ClientResponse["json"]>().returns.resolves.toBeUnknown();
  expectTypeOf<ClientResponse>().toExtend<AsyncDisposable>();
  expectTypeOf<ClientSession>().toExtend<AsyncDisposable>();
  expectTypeOf(fetch).toEqualTypeOf<typeof globalThis.fetch>();
  expectTypeOf<ClientSession["fetch"]>().toEqualTypeOf<typeof globalThis.fetch>();

  // @ts-expect-error -- an option that does not exist
  void ((): object => new ClientSession({ limits: 3 }));
  // @ts-expect-error -- not a duration
  void ((): RequestOptions => ({ timeout: "soon" }));
  void ((): RequestOptions => ({ timeout: { total: "5m", connect: 100, read: Infinity } }));
});
