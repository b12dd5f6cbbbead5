"""Shows each stage as it ends, reads rows as they come, and stops a statement that nobody waits for.

Needs: askleo.
"""

import asyncio
import time

import askleo

SLOW = "SELECT sum(abs(a.net_amount - b.net_amount)) FROM order_totals a CROSS JOIN order_totals b"


async def main() -> None:
    async with askleo.AsyncLeo.sample() as leo:
        # `next_sse_async` gives the same events as text for a browser's EventSource.
        async for event in leo.ask_stream("revenue by quarter in 2024"):
            if event["event"] == "finished":
                print(f"{event['stage']:<10} {event['us']:>7} µs")
            elif event["event"] == "answer":
                print("\n" + event["answer"].text, end="\n\n")

        # Rows come in batches. Leaving early stops the statement in the database. Without `max_rows` it gives 5,000 rows.
        rows = 0
        with leo.sql_stream("SELECT order_line_id, unit_price FROM order_lines", max_rows=100_000) as batches:
            async for batch in batches:
                rows += len(batch)
                if rows >= 2_000:
                    break
        print(f"read {rows} rows and left")

        # Cancelling the task stops the statement too.
        task = asyncio.create_task(leo.sql(SLOW, timeout_ms=60_000))
        await asyncio.sleep(0.2)
        task.cancel()
        began = time.monotonic()
        try:
            await task
        except asyncio.CancelledError:
            print(f"cancelled, {'at once' if time.monotonic() - began < 1 else 'late'}")

        # So does the time given to it.
        try:
            await leo.sql(SLOW, timeout_ms=200)
        except askleo.TimeoutError as error:
            print(f"{error.kind}: {error.message}")


asyncio.run(main())
