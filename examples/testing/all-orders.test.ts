import assert from "node:assert/strict";
import { test } from "node:test";
import { gather, Lock, sleep } from "tsyncio";
import { explored } from "tsyncio/testing";

class Account {
  balance = 100;
  private readonly lock = new Lock();

  async withdraw(amount: number): Promise<boolean> {
    using _lease = await this.lock.acquire();
    const { balance } = this;
    if (balance < amount) return false;
    await sleep("5ms"); // asks the bank; without the lock, somebody else would read the old balance now
    this.balance = balance - amount;
    return true;
  }
}

test(
  "an account is never overdrawn, in whatever order its users come",
  explored(
    async () => {
      const account = new Account();
      const granted = await gather([70, 40, 30].map((amount) => () => account.withdraw(amount)));
      assert.ok(account.balance >= 0);
      assert.equal(account.balance, 100 - [70, 40, 30].reduce((sum, amount, i) => sum + (granted[i] ? amount : 0), 0));
    },
    { runs: 200 },
  ),
);
