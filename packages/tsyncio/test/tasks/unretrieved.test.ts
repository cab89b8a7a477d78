import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Ending, runProgram } from "../kernel/program.ts";

/** Runs code that drops its futures, and then says what was reported once they have been collected. */
function collected(code: string): Promise<Ending> {
  return runProgram(
    `
    import { Future, gather, getRunningLoop } from "tsyncio";
    process.on("warning", ({ code, message, detail }) => console.log(code, message, /program.mjs/.test(detail)));
    const failed = (name = "the answer") => {
      const future = new Future({ name });
      future.setException(new Error("no"));
      return future;
    };
    await (async () => { ${code} })();
    for (let i = 0; i < 5; i += 1) { await new Promise((resolve) => setTimeout(resolve, 1)); globalThis.gc(); }`,
    { flags: ["--expose-gc"] },
  );
}

const looks: Readonly<Record<string, string>> = {
  exception: "failed().exception();",
  result: "try { failed().result(); } catch {}",
  await: "try { await failed(); } catch {}",
  gather: "await gather([failed()], { settled: true });",
  "a done-callback": "failed().addDoneCallback(() => {});",
  "a waiter that was there before": `
    const future = new Future();
    const waiting = future.catch(() => {});
    future.setException(new Error("no"));
    await waiting;`,
};

describe("a future that failed and is garbage", { concurrency: 2 }, () => {
  test("is reported once as a warning when nobody has looked [test_futures: test_tb_logger_exception_unretrieved, test_future_exception_never_retrieved]", async () => {
    const { lines } = await collected("failed();");
    assert.deepEqual(lines, ["TSYNCIO_UNRETRIEVED the answer failed, and nobody looked at its error: Error: no true"]);
  });

  test("goes to the exception handler, if there is one", async () => {
    const { lines } = await collected(`
      getRunningLoop().exceptionHandler = ({ message, error }) => console.log(message + "|" + error.message);
      failed("a"); failed("b");`);
    assert.deepEqual(lines.toSorted(), [
      "a failed, and nobody looked at its error|no",
      "b failed, and nobody looked at its error|no",
    ]);
  });

  test("is not reported when somebody has looked, however [test_futures: test_tb_logger_exception_retrieved, test_tb_logger_exception_result_retrieved]", async () => {
    const { lines } = await collected(
      Object.values(looks)
        .map((look) => `{ ${look} }`)
        .join("\n"),
    );
    assert.deepEqual(lines, []);
  });

  test("is not reported when it was abandoned, cancelled, or has a value [test_futures: test_tb_logger_abandoned, test_tb_logger_not_called_after_cancel, test_tb_logger_result_unretrieved, test_tb_logger_result_retrieved]", async () => {
    const { lines } = await collected(`
      new Future(); new Future().cancel(); new Future().setResult(1);
      const read = new Future(); read.setResult(1); read.result();`);
    assert.deepEqual(lines, []);
  });
});
