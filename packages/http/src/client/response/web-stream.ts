import { AsyncLocalStorage } from "node:async_hooks";

/**
 * A body as a web stream, pulled only as it is read. Whoever reads it, waits in the scope in which it was made;
 * cancelling the stream closes the response.
 */
export function webStreamOf(
  body: AsyncIterableIterator<Uint8Array>,
  close: () => Promise<void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const inMakersContext = AsyncLocalStorage.snapshot();
  return new ReadableStream(
    {
      async pull(controller) {
        const result = await inMakersContext(() => body.next());
        if (result.done === true) controller.close();
        else controller.enqueue(result.value as Uint8Array<ArrayBuffer>);
      },
      cancel: close,
    },
    { highWaterMark: 0 },
  );
}
