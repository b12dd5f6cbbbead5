"""What a call costs in Python beyond what it takes in Rust. Prints rows of a Markdown table.

Usage: calls.py DATABASE, the file that `rows.py` makes. The answer says how long the core took for it (`timings.total_us`); the rest of
the caller's time is the package's.
"""

import asyncio
import datetime
import statistics
import sys
import tempfile
import time

import pyarrow

import askleo

FEW = "SELECT id, region, day, amount, note FROM orders WHERE id < 10"
MANY = "SELECT id, region, day, amount, note FROM orders"
CALLS = 2_000
LARGE_CALLS = 60


def row(what, times):
    times = sorted(times)
    print(f"| Python | {what} | {statistics.median(times):,.0f} µs | {times[int(0.95 * len(times))]:,.0f} µs |", flush=True)


async def timed(call, waits=False):
    """Microseconds until a call gave something, and what it gave."""
    begun = time.perf_counter_ns()
    given = call()
    if waits:
        given = await given
    return (time.perf_counter_ns() - begun) / 1000, given


async def beyond(calls, call, waits):
    """Microseconds of each call beyond the core's own."""
    times = []
    for _ in range(calls + calls // 10):
        took, answer = await timed(call, waits)
        times.append(took - answer.timings["total_us"])
        del answer
    return times[calls // 10 :]


async def calls(leo, name, waits):
    row(f"`{name}`, 10 rows", await beyond(CALLS, lambda: leo.sql(FEW), waits))
    row(f"`{name}`, 100,000 rows", await beyond(LARGE_CALLS, lambda: leo.sql(MANY, max_rows=100_000), waits))


def addresses(table):
    return [buffer and buffer.address for column in table.columns for chunk in column.chunks for buffer in chunk.buffers()]


async def rows(leo):
    for table in (leo.sql(FEW).table, leo.sql(MANY, max_rows=100_000).table):
        # Two that were taken apart lie at the same places: in the memory of Rust, of which neither is a copy.
        assert addresses(pyarrow.table(table)) == addresses(pyarrow.table(table))
        row(f"`pyarrow.table(table)`, {len(table):,} rows", [(await timed(lambda: pyarrow.table(table)))[0] for _ in range(CALLS)])
    row(f"`table.rows()`, {len(table):,} rows", [(await timed(table.rows))[0] for _ in range(10)])


def now():
    return datetime.datetime.now(datetime.timezone.utc)


async def now_async():
    return now()


async def part(place, called, clock, waits):
    """Prints by how much a call that does next to nothing takes longer with a clock of the host's. Calls with and without take turns."""
    asked = 0

    def counted():
        nonlocal asked
        asked += 1
        return clock()

    open = askleo.AsyncLeo.open if waits else askleo.open
    with tempfile.TemporaryDirectory() as folder:
        # With an audit in a file there are no recent records to give.
        _, leo = await timed(lambda: open(place, audit=f"{folder}/one.jsonl", clock=counted), waits)
        _, plain = await timed(lambda: open(place, audit=f"{folder}/other.jsonl"), waits)
        asked = 0
        pairs = [((await timed(leo.recent_audit, waits))[0], (await timed(plain.recent_audit, waits))[0]) for _ in range(CALLS)]
        assert asked == CALLS
        await timed(leo.close, waits)
        await timed(plain.close, waits)
    with_clock, without = (sorted(times) for times in zip(*pairs))
    row(called, [took - statistics.median(without) for took in with_clock])


async def main(place):
    leo = askleo.open(place)
    await calls(leo, "sql", False)
    await calls(await askleo.AsyncLeo.open(place), "await sql", True)
    await rows(leo)
    for waits, of in ((False, "`Leo`"), (True, "`AsyncLeo`")):
        await part(place, f"a clock, for {of}", now, waits)
        await part(place, f"an `async` clock, for {of}", now_async, waits)


asyncio.run(main(sys.argv[1]))
