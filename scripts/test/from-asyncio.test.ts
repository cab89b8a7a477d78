import assert from "node:assert/strict";
import * as childProcess from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { publicExamples } from "../examples/all-examples.ts";

const page = readFileSync(new URL("../../docs/from-asyncio.md", import.meta.url), "utf8");

/** The rows of its tables: what asyncio calls it, and what stands beside it. */
const rows = [...page.matchAll(/^\| (`.*?) \| (.*?) \|/gmu)].map(([, theirs = "", ours = ""]) => ({ theirs, ours }));

/** The names in the high-level and the low-level index of asyncio's documentation, and its other public names (3.14). */
const HIGH_LEVEL = `
  run Runner Task TaskGroup create_task current_task all_tasks sleep gather wait_for shield wait timeout
  to_thread run_coroutine_threadsafe as_completed Queue PriorityQueue LifoQueue create_subprocess_exec
  create_subprocess_shell open_connection open_unix_connection start_server start_unix_server StreamReader
  StreamWriter Lock Event Condition Semaphore BoundedSemaphore Barrier CancelledError BrokenBarrierError
  TimeoutError InvalidStateError SendfileNotAvailableError IncompleteReadError LimitOverrunError QueueEmpty
  QueueFull QueueShutDown timeout_at Timeout eager_task_factory create_eager_task_factory iscoroutine
  iscoroutinefunction ensure_future isfuture wrap_future capture_call_graph print_call_graph format_call_graph
  future_add_to_awaited_by future_discard_from_awaited_by Handle TimerHandle Server AbstractServer`;
const LOW_LEVEL = `
  get_running_loop get_event_loop set_event_loop new_event_loop run_until_complete run_forever stop close
  is_running is_closed shutdown_asyncgens set_debug get_debug call_soon call_soon_threadsafe call_later call_at
  run_in_executor set_default_executor create_future set_task_factory get_task_factory getaddrinfo getnameinfo
  create_connection create_server create_unix_connection create_unix_server connect_accepted_socket
  create_datagram_endpoint sendfile start_tls connect_read_pipe connect_write_pipe sock_recv sock_recv_into
  sock_recvfrom sock_recvfrom_into sock_sendall sock_sendto sock_connect sock_accept sock_sendfile add_reader
  remove_reader add_writer remove_writer add_signal_handler remove_signal_handler subprocess_exec
  subprocess_shell call_exception_handler set_exception_handler get_exception_handler default_exception_handler
  BaseTransport ReadTransport WriteTransport DatagramTransport SubprocessTransport BaseProtocol Protocol
  BufferedProtocol DatagramProtocol SubprocessProtocol get_event_loop_policy set_event_loop_policy
  AbstractEventLoopPolicy`;

test("every name of asyncio's documentation is in a row of the page", () => {
  const names = `${HIGH_LEVEL} ${LOW_LEVEL}`.split(/\s+/u).filter((name) => name !== "");
  const inRows = new Set(rows.flatMap(({ theirs }) => theirs.match(/\w+/gu) ?? []));
  const missing = names.filter((name) => !inRows.has(name));
  assert.deepEqual(missing, []);
});

test("a counterpart that is nothing but a name is one that tsyncio exports, or Node", () => {
  const exported = new Set(publicExamples.map(({ name }) => name.name));
  const entries = rows.flatMap(({ ours }) => {
    const [, name] = /^`(?:new )?([A-Za-z]+)(?:\([^`]*\))?`$/u.exec(ours) ?? [];
    return name === undefined ? [] : [name];
  });
  const unknown = entries.filter((name) => !exported.has(name) && !(name in childProcess));
  assert.deepEqual(unknown, []);
});
