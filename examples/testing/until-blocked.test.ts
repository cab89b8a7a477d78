import assert from "node:assert/strict";
import { test } from "node:test";
import { Semaphore, taskGroup } from "tsyncio";
import { simulated, waitAllTasksBlocked } from "tsyncio/testing";

test(
  "a freed place goes to whoever waits longest",
  simulated(async () => {
    const places = new Semaphore(1);
    const order: string[] = [];
    await taskGroup(async (group) => {
      const first = await places.acquire();
      for (const name of ["b", "c"]) {
        group.createTask(async () => {
          using _lease = await places.acquire();
          order.push(name);
        });
        // Until it stands in the line. In a seeded order, the other might come first.
        await waitAllTasksBlocked();
      }
      first.release();
    });
    assert.deepEqual(order, ["b", "c"]);
  }),
);
