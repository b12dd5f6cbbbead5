"""What comes bit by bit."""

from __future__ import annotations

import asyncio
import json
import time

from askleo import BatchStream, Event, EventStream, Leo, LeoError, OpenOptions, SqlOptions, Value

from shop import TRICKLE, Case


async def drained(stream: EventStream) -> list[Event]:
    events = []
    while (event := await stream.next()) is not None:
        events.append(event)
    return events


class Streams(Case):
    async def test_events_of_a_question(self) -> None:
        company = await Leo.sample()
        events = await drained(await company.ask_stream("How many customers do we have?"))
        self.assertIsInstance(events[0], Event.STARTED)
        self.assertEqual(events[0].stage, "authorise")
        self.assertIn("plan", [event.stage for event in events if isinstance(event, Event.FINISHED)])
        self.assertIsInstance(events[-1], Event.ANSWER)
        self.assertEqual(events[-1].answer.row_count(), 1)

    async def test_events_of_a_sync(self) -> None:
        leo = await Leo.open(self.shop)
        events = await drained(await leo.sync_stream())
        self.assertIn("stage", json.loads(events[0].json))
        self.assertIsInstance(events[-1], Event.CATALOG)
        self.assertIn("orders", events[-1].json)

    async def test_rows_as_they_come(self) -> None:
        leo = await Leo.open(self.shop)
        stream = await leo.sql_stream("SELECT n FROM numbers ORDER BY n")
        count, first = 0, None
        while (table := await stream.next()) is not None:
            first = first or table.cell(0, 0)
            count += table.row_count()
        self.assertEqual((count, first.value), (990, 1))
        self.assertIsInstance(first, Value.INT)
        self.assertIsNone(await stream.next())
        self.assertFalse(stream.truncated())
        stream = await leo.sql_stream("SELECT n FROM numbers", SqlOptions(max_rows=10))
        while await stream.next() is not None:
            pass
        self.assertTrue(stream.truncated())

    async def test_events_for_a_browser(self) -> None:
        company = await Leo.sample()
        for question, last in [("How many customers do we have?", '"answer"'), ("", '"malformed"')]:
            stream = await company.ask_stream(question)
            sent = []
            while (text := await stream.next_sse()) is not None:
                sent.append(text)
            self.assertTrue(all(text.startswith("event: ") and text.endswith("\n\n") for text in sent))
            self.assertIn(last, sent[-1])

    async def test_a_question_that_fails(self) -> None:
        company = await Leo.sample()
        stream = await company.ask_stream("")
        with self.assertRaises(LeoError.Malformed):
            await drained(stream)
        self.assertIsNone(await stream.next())

    async def still(self) -> None:
        """Nothing is computed any more."""
        await asyncio.sleep(0.5)
        busy = time.process_time()
        await asyncio.sleep(0.5)
        self.assertLess(time.process_time() - busy, 0.25, "the statement still runs")

    async def slow(self) -> BatchStream:
        """A stream that gave its first rows."""
        leo = await Leo.open(self.shop, OpenOptions(settings='{"guard": {"row_cap": 20000}}'))
        stream = await leo.sql_stream(TRICKLE, SqlOptions(max_rows=20_000, timeout_ms=60_000))
        self.assertIsNotNone(await stream.next())
        return stream

    async def test_closing_ends_a_wait(self) -> None:
        stream = await self.slow()
        waiting = asyncio.ensure_future(stream.next())
        await asyncio.sleep(0.2)
        begin = time.monotonic()
        await stream.close()
        self.assertIsNone(await waiting)
        self.assertLess(time.monotonic() - begin, 5)
        self.assertIsNone(await stream.next())
        await stream.close()
        await self.still()

    async def test_a_cancelled_wait_loses_nothing(self) -> None:
        stream = await self.slow()
        waiting = asyncio.ensure_future(stream.next())
        await asyncio.sleep(0.2)
        waiting.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await waiting
        again = asyncio.ensure_future(stream.next())
        await asyncio.sleep(0.2)
        self.assertFalse(again.done())
        await stream.close()
        await again
        await self.still()

    async def test_letting_go_ends_it(self) -> None:
        stream = await self.slow()
        del stream
        await self.still()
