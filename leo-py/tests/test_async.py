"""The same calls, awaited."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

import askleo as leo
from conftest import SLOW



def test_questions_are_awaited(shop: Path) -> None:
    async def main() -> None:
        async with await leo.AsyncLeo.open(shop) as db:
            answers = await asyncio.gather(*(db.ask("how many orders?") for _ in range(10)))
            assert [answer.table[0][0] for answer in answers] == [3] * 10
            with pytest.raises(leo.ConfigError, match="did you mean `max_rows`"):
                await db.ask("q", max_row=1)
            assert (await db.sources.list())[0]["id"] == "shop"

    asyncio.run(main(), debug=True)


def test_events_on_the_way(company: leo.Leo) -> None:
    async def main() -> list[dict[str, Any]]:
        return [event async for event in leo.AsyncLeo.sample().ask_stream("How many customers do we have?")]

    for events in (asyncio.run(main()), list(company.ask_stream("How many customers do we have?"))):
        kinds = [event["event"] for event in events]
        assert kinds[0] == "started" and kinds[-1] == "answer"
        started = [event["stage"] for event in events if event["event"] == "started"]
        assert started[0] == "authorise" and started[-1] == "narrate"
        assert events[-1]["answer"].row_count == 1


def test_events_as_server_sent_events(company: leo.Leo) -> None:
    stream = company.ask_stream("How many customers do we have?")
    sent = list(iter(stream.next_sse, None))
    assert sent[0].startswith("event: started\ndata: {") and sent[0].endswith("}\n\n")
    assert sent[-1].startswith("event: answer\n")
    wrong = company.ask_stream("")
    sent = list(iter(wrong.next_sse, None))
    assert sent[-1].startswith("event: error\n") and '"kind":"malformed"' in sent[-1]


def test_cancelling_stops_the_statement(shop: Path) -> None:
    async def main() -> float:
        async with await leo.AsyncLeo.open(shop) as db:
            await db.ask("how many orders?")
            task = asyncio.ensure_future(db.sql(SLOW, timeout_ms=60_000))
            await asyncio.sleep(0.2)
            task.cancel()
            begin = time.monotonic()
            with pytest.raises(asyncio.CancelledError):
                await task
            # The only connections are free again.
            await asyncio.gather(*(db.sql("SELECT count(*) FROM orders") for _ in range(12)))
            return time.monotonic() - begin

    assert asyncio.run(main()) < 30


def test_a_sync_handle_under_a_running_loop(shop: Path) -> None:
    async def main() -> int:
        with leo.open(shop) as db:
            return db.ask("how many orders?").row_count

    assert asyncio.run(main()) == 1


def test_a_loop_that_ends_first(shop: Path) -> None:
    async def main() -> None:
        db = await leo.AsyncLeo.open(shop)
        asyncio.ensure_future(db.sql(SLOW, timeout_ms=500))
        await asyncio.sleep(0.05)

    asyncio.run(main())
    time.sleep(0.8)


def test_streams_are_left_in_order(shop: Path) -> None:
    async def main() -> int:
        async with await leo.AsyncLeo.open(shop) as db:
            async with db.sql_stream("SELECT n FROM numbers") as batches:
                async for table in batches:
                    assert len(table) > 0
                    break
            async with db.ask_stream("how many orders?") as events:
                return len([event async for event in events])

    assert asyncio.run(main()) > 2
