import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import type { Lane, LaneEvents } from "../../src/client/pool/lane.ts";
import { Pool, type Ticket } from "../../src/client/pool/pool.ts";

/** A lane that does what the test says. */
class FakeLane implements Lane {
  readonly origin: string;
  readonly reused = false;
  closing = false;
  private readonly events: LaneEvents;

  constructor(origin: string, events: LaneEvents) {
    this.origin = origin;
    this.events = events;
  }

  dispatch(): void {}
  abandon(): void {}
  finished(): void {}
  close(): void {
    this.closing = true;
  }
  becomeIdle(): void {
    this.events.idle(this);
  }
  vanish(): void {
    this.events.gone(this);
  }
}

function setUp(limit: number, limitPerHost = Number.POSITIVE_INFINITY) {
  const granted: { id: string; lane: FakeLane }[] = [];
  const lanes = new Set<FakeLane>();
  const pool = new Pool({
    limit,
    limitPerHost,
    open: (origin, events) => {
      const lane = new FakeLane(origin, events);
      lanes.add(lane);
      return lane;
    },
  });
  const enter = (origin: string, id: string): Ticket => {
    const ticket: Ticket = { origin, granted: (lane) => granted.push({ id, lane: lane as FakeLane }) };
    pool.enter(ticket);
    return ticket;
  };
  const vanish = (lane: FakeLane): void => {
    lanes.delete(lane);
    lane.vanish();
  };
  return { pool, granted, lanes, enter, vanish, order: () => granted.map(({ id }) => id) };
}

test("within a host, requests go first come, first served", () => {
  const { enter, granted, order } = setUp(1);
  for (const id of ["1", "2", "3", "4"]) enter("a", id);
  for (let i = 0; i < 3; i += 1) granted.at(-1)?.lane.becomeIdle();
  assert.deepEqual(order(), ["1", "2", "3", "4"]);
});

test("between hosts, turns go round robin, so a single request does not wait behind a thousand", () => {
  const { enter, granted, order, vanish } = setUp(1);
  for (let i = 1; i <= 1_000; i += 1) enter("a", `a${i}`);
  enter("b", "b1");
  enter("c", "c1");
  enter("b", "b2");
  for (let i = 0; i < 6; i += 1) {
    const { lane } = granted.at(-1) as { lane: FakeLane };
    lane.becomeIdle();
    if (lane.closing) vanish(lane);
  }
  assert.deepEqual(order(), ["a1", "b1", "c1", "a2", "b2", "a3", "a4"]);
});

test("hosts that hold equally many connections keep them instead of closing and opening", () => {
  const { enter, granted, lanes } = setUp(4);
  for (let i = 0; i < 50; i += 1) for (const host of ["a", "b"]) enter(host, `${host}${i}`);
  for (let next = 0; next < 60; next += 1) {
    const { lane } = granted[next] as { lane: FakeLane };
    lane.becomeIdle();
    if (!lane.closing) continue;
    lanes.delete(lane);
    lane.vanish();
  }
  const opened = new Set(granted.map(({ lane }) => lane)).size;
  assert.ok(opened <= 6, `${opened} connections were opened for two hosts with two each`);
});

test("an idle connection of one host makes room for another host", () => {
  const { enter, granted, lanes, order, vanish } = setUp(1);
  enter("a", "a1");
  const [first] = lanes;
  first?.becomeIdle();
  enter("b", "b1");
  assert.equal(first?.closing, true);
  assert.deepEqual(order(), ["a1"]);
  vanish(first);
  assert.deepEqual(order(), ["a1", "b1"]);
  assert.equal(granted[1]?.lane.origin, "b");
});

test("the limit for each host holds, and does not hold up the others", () => {
  const { enter, order } = setUp(10, 2);
  for (let i = 1; i <= 5; i += 1) enter("a", `a${i}`);
  enter("b", "b1");
  assert.deepEqual(order(), ["a1", "a2", "b1"]);
});

type Step = { kind: "enter" | "idle" | "gone" | "leave"; host: number; pick: number };

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom("enter", "enter", "enter", "idle", "idle", "gone", "leave"),
  host: fc.nat(4),
  pick: fc.nat(1_000),
});

test("whatever happens, limits hold, nobody is granted twice or forgotten, and each host's order is kept", () => {
  fc.assert(
    fc.property(
      fc.array(step, { maxLength: 120 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 4 }),
      (steps, limit, limitPerHost) => {
        const { pool, granted, lanes, enter, vanish } = setUp(limit, limitPerHost);
        const waiting = new Map<string, { ticket: Ticket; host: string }>();
        const busy = new Map<FakeLane, string>();
        const left = new Set<string>();
        let seen = 0;
        const settle = (): void => {
          for (; seen < granted.length; seen += 1) {
            const { id, lane } = granted[seen] as { id: string; lane: FakeLane };
            assert.ok(!left.has(id), "a ticket that had left was granted");
            assert.ok(!busy.has(lane), "a busy connection was granted");
            busy.set(lane, id);
            waiting.delete(id);
          }
          assert.ok(lanes.size <= limit, "more connections than the limit");
          for (const host of ["0", "1", "2", "3", "4"]) {
            const open = [...lanes].filter((lane) => lane.origin === host).length;
            assert.ok(open <= limitPerHost, "more connections to a host than its limit");
          }
        };
        const release = (lane: FakeLane, vanishes: boolean): void => {
          busy.delete(lane);
          if (vanishes) vanish(lane);
          else lane.becomeIdle();
          settle();
        };
        const vanishClosing = (): void => {
          const closing = [...lanes].filter((lane) => lane.closing);
          for (const lane of closing) vanish(lane);
        };
        let count = 0;
        for (const { kind, host, pick } of steps) {
          const lane = [...busy.keys()][pick % Math.max(1, busy.size)];
          const id = [...waiting.keys()][pick % Math.max(1, waiting.size)];
          if (kind === "enter") {
            const fresh = String((count += 1)).padStart(4, "0");
            const entry = { host: String(host), ticket: undefined as unknown as Ticket };
            waiting.set(fresh, entry);
            entry.ticket = enter(String(host), fresh);
          } else if (kind === "leave" && id !== undefined) {
            pool.leave((waiting.get(id) as { ticket: Ticket }).ticket);
            waiting.delete(id);
            left.add(id);
          } else if (lane !== undefined) release(lane, kind === "gone");
          settle();
          if (pick % 2 === 0) vanishClosing();
          settle();
        }
        // Everybody who is still waiting gets a turn.
        for (let rounds = 0; waiting.size > 0; rounds += 1) {
          assert.ok(rounds < 1_000, `${waiting.size} requests wait for ever`);
          vanishClosing();
          settle();
          const carrying = [...busy.keys()];
          for (const one of carrying) release(one, false);
        }
        for (const host of ["0", "1", "2", "3", "4"]) {
          const ids = granted.filter(({ lane }) => lane.origin === host).map(({ id }) => id);
          assert.deepEqual(ids, ids.toSorted());
        }
      },
    ),
    { numRuns: 300 },
  );
});

test("two hundred thousand requests at one gate cost constant time each, whether they leave or are served", () => {
  const leaving = setUp(1);
  const tickets = Array.from({ length: 200_000 }, (_, index) => leaving.enter("a", String(index)));
  for (const ticket of tickets) leaving.pool.leave(ticket);
  assert.equal(leaving.pool.statistics().waiting, 0);
  const staying = setUp(1);
  for (let i = 0; i < 200_000; i += 1) staying.enter("a", String(i));
  for (let i = 0; i < 200_000; i += 1) staying.granted.at(-1)?.lane.becomeIdle();
  assert.deepEqual(staying.pool.statistics(), { busy: 0, idle: 1, waiting: 0 });
});
