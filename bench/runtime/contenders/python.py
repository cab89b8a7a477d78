"""The cells of cells.ts with Python's asyncio, 3.11 or later: `python.py asyncio|uvloop CELL N REPEATS`.

Does N operations, REPEATS times over (fewer when that takes more than five seconds), and prints the totals as JSON.
"""

import asyncio
import gc
import json
import sys
import time


def stopwatch():
    start = time.process_time()
    return lambda done: (done, (time.process_time() - start) * 1000)


async def suspend(n):
    loop = asyncio.get_running_loop()
    woken = 0
    waits = [None, None]

    def wake(future):
        if future is not None and not future.done():
            future.set_result(None)

    async def player(mine):
        nonlocal woken
        for _ in range(n // 2):
            waits[mine] = suspended = loop.create_future()
            wake(waits[1 - mine])
            await suspended
            woken += 1
        wake(waits[1 - mine])

    watch = stopwatch()
    await asyncio.gather(player(0), player(1))
    return watch(woken)


async def spawn(n):
    done = 0

    async def child():
        nonlocal done
        done += 1

    watch = stopwatch()
    for _ in range(n // 1000):
        async with asyncio.TaskGroup() as group:
            for _ in range(1000):
                group.create_task(child())
    return watch(done)


async def spawn_sleep(n):
    done = 0

    async def child():
        nonlocal done
        await asyncio.sleep(0.001)
        done += 1

    watch = stopwatch()
    async with asyncio.TaskGroup() as group:
        for _ in range(n):
            group.create_task(child())
    return watch(done)


async def hand_over(n, room, parties):
    queue = asyncio.Queue(room)
    taken = 0
    share = n // parties

    async def put():
        for item in range(share):
            await queue.put(item)

    async def get():
        nonlocal taken
        for _ in range(share):
            await queue.get()
            taken += 1

    watch = stopwatch()
    async with asyncio.TaskGroup() as group:
        for _ in range(parties):
            group.create_task(put())
            group.create_task(get())
    return watch(taken)


async def contend(n, gate):
    entered = 0

    async def contender():
        nonlocal entered
        for _ in range(n // 100):
            async with gate:
                entered += 1
                await asyncio.sleep(0)

    watch = stopwatch()
    async with asyncio.TaskGroup() as group:
        for _ in range(100):
            group.create_task(contender())
    return watch(entered)


async def yield_once(value):
    await asyncio.sleep(0)
    return value


def count_in_order(results):
    return sum(1 for index, result in enumerate(results) if index == result)


async def gather(n):
    watch = stopwatch()
    return watch(count_in_order(await asyncio.gather(*(yield_once(item) for item in range(n)))))


async def map_limited(n):
    gate = asyncio.Semaphore(10)

    async def limited(item):
        async with gate:
            return await yield_once(item)

    watch = stopwatch()
    return watch(count_in_order(await asyncio.gather(*(limited(item) for item in range(n)))))


async def timeout(n):
    done = 0

    async def body():
        nonlocal done
        done += 1

    watch = stopwatch()
    for _ in range(n):
        async with asyncio.timeout(60):
            await body()
    return watch(done)


async def wake(n):
    loop = asyncio.get_running_loop()
    moment = loop.time() + 0.5 + n / 50_000
    done = 0

    async def child():
        nonlocal done
        await asyncio.sleep(moment - loop.time())
        done += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(n):
            group.create_task(child())
        await asyncio.sleep(0.001)
        while time.monotonic() <= moment:
            pass
        watch = stopwatch()
    return watch(done)


async def cancel(n):
    cancelled = 0

    async def child():
        nonlocal cancelled
        try:
            await asyncio.sleep(3600)
        finally:
            cancelled += 1

    tasks = [asyncio.create_task(child()) for _ in range(n)]
    await asyncio.sleep(0.001)
    watch = stopwatch()
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return watch(cancelled)


def resident():
    gc.collect()
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * 4096


async def memory(n):
    before = resident()
    started = 0

    async def child():
        nonlocal started
        started += 1
        await asyncio.sleep(3600)

    tasks = [asyncio.create_task(child()) for _ in range(n)]
    await asyncio.sleep(0.05)
    held = resident() - before
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
    return started, held


CELLS = {
    "suspend": suspend,
    "spawn": spawn,
    "spawn-sleep": spawn_sleep,
    "queue-unbounded": lambda n: hand_over(n, 0, 1),
    "queue-bounded": lambda n: hand_over(n, 16, 1),
    "queue-many": lambda n: hand_over(n, 16, 8),
    "lock": lambda n: contend(n, asyncio.Lock()),
    "semaphore": lambda n: contend(n, asyncio.Semaphore(10)),
    "gather": gather,
    "map": map_limited,
    "timeout": timeout,
    "wake": wake,
    "cancel": cancel,
    "memory": memory,
}


def main():
    which, cell, n, repeats = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    if which == "uvloop":
        import uvloop

        uvloop.install()
    totals = []
    start = time.monotonic()
    while len(totals) < repeats and (not totals or time.monotonic() - start < 3):
        done, total = asyncio.run(CELLS[cell](n))
        if done != n:
            sys.exit(f"{which} did {done} operations of {n} in the cell {cell}")
        totals.append(total)
    print(json.dumps(totals))


main()
