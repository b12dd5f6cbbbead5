"""Parts of the host's own, written in Python."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
from pathlib import Path
from typing import Any

import pytest

import askleo as leo


class Sink:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def append(self, events: list[dict[str, Any]]) -> None:
        self.events.extend(events)

    def flush(self) -> None:
        pass


def by_region(ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
    """Everybody sees the orders of their own region, without the notes."""
    if "member" not in ctx["roles"]:
        raise leo.DeniedError("ask Ada for access")
    return {"tables": {"orders": {"row_filter": "region = :region", "deny_columns": ["note"]}}}


def embedded(shop: Path, **parts: Any) -> leo.Leo:
    parts.setdefault("audit", Sink())
    parts.setdefault("authorizer", lambda ctx, request: {})
    return leo.Leo(sources=[{"place": shop, "execution": True}], **parts)


def test_a_policy_of_the_hosts_own(shop: Path) -> None:
    sink = Sink()
    with embedded(shop, authorizer=by_region, audit=sink) as db:
        north = db.for_user("acme", "nora", roles=["member"], attributes={"region": "north"})
        south = db.for_user("acme", "sven", roles=["member"], attributes={"region": "south"})
        assert north.sql("SELECT id FROM orders ORDER BY id").table.rows() == [(1,), (3,)]
        assert south.sql("SELECT id FROM orders").table.rows() == [(2,)]
        with pytest.raises(leo.RejectedError):
            north.sql("SELECT note FROM orders")
        with pytest.raises(leo.DeniedError, match="ask Ada for access") as denied:
            db.for_user("acme", "eve").ask("how many orders?")
        assert isinstance(denied.value.__cause__, leo.DeniedError)
        with pytest.raises(leo.ConfigError, match="nobody is asking"):
            db.ask("how many orders?")
    statements = [event for event in sink.events if event["action"] == "statement"]
    assert {event["user"] for event in statements} >= {"nora", "sven"}
    assert all(event["tenant"] == "acme" for event in statements)


def test_coroutines_run_for_sync_callers(shop: Path) -> None:
    async def authorize(ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {}

    with embedded(shop, authorizer=authorize) as db:
        assert db.for_user("acme", "ada").sql("SELECT count(*) FROM orders").table[0][0] == 3


def test_coroutines_run_on_the_callers_loop(shop: Path) -> None:
    loops: list[asyncio.AbstractEventLoop] = []

    class Authorizer:
        async def authorize(self, ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
            loops.append(asyncio.get_running_loop())
            return {}

    async def main() -> asyncio.AbstractEventLoop:
        db = leo.AsyncLeo(sources=[{"place": shop, "execution": True}], authorizer=Authorizer(), audit=Sink())
        async with db:
            await db.for_user("acme", "ada").sql("SELECT count(*) FROM orders")
        return asyncio.get_running_loop()

    loop = asyncio.run(main())
    assert loops and all(one is loop for one in loops)


def test_context_variables_reach_callbacks(shop: Path) -> None:
    request_id: contextvars.ContextVar[str] = contextvars.ContextVar("request_id", default="none")
    seen: list[str] = []

    def authorize(ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        seen.append(request_id.get())
        return {}

    with embedded(shop, authorizer=authorize) as db:
        request_id.set("r-7")
        db.for_user("acme", "ada").sql("SELECT count(*) FROM orders")
    assert set(seen) == {"r-7"}


def test_a_callback_may_call_leo_again(shop: Path) -> None:
    with leo.open(shop) as policies:

        def authorize(ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
            assert policies.sql("SELECT count(*) FROM orders").table[0][0] == 3
            return {}

        with embedded(shop, authorizer=authorize) as db:
            assert db.for_user("acme", "ada").ask("how many orders?").row_count == 1


def test_what_a_callback_raises_is_the_cause(shop: Path) -> None:
    def authorize(ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        raise KeyError("s3cret")

    with embedded(shop, authorizer=authorize) as db:
        with pytest.raises(leo.AdapterError) as error:
            db.for_user("acme", "ada").ask("how many orders?")
        assert isinstance(error.value.__cause__, KeyError)
        assert "s3cret" not in str(error.value) and "KeyError" in str(error.value)


@pytest.mark.parametrize(
    ("returned", "message"),
    [
        (None, "`authorize` returned nothing; return an access"),
        (7, "what `authorize` returned is an object of names and values, not a whole number"),
        ({"deny_table": ["x"]}, "what `authorize` returned has no field `deny_table`; did you mean `deny_tables`?"),
        ({"tables": {"orders": {"row_fliter": "x"}}}, "has no field `row_fliter`; did you mean `row_filter`?"),
    ],
)
def test_what_is_no_access_lets_nobody_in(shop: Path, returned: Any, message: str) -> None:
    with embedded(shop, authorizer=lambda ctx, request: returned) as db, pytest.raises(leo.AdapterError) as error:
        db.for_user("acme", "ada").sql("SELECT count(*) FROM orders")
    assert message in error.value.message


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_callback_that_never_ends_is_given_up(shop: Path, asynchronous: bool) -> None:
    release = threading.Event()
    cancelled: list[bool] = []

    def hang(ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        release.wait(10)
        return {}

    async def hang_async(ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        try:
            await asyncio.sleep(3_600)
        except asyncio.CancelledError:
            cancelled.append(True)
            raise
        return {}

    begin = time.monotonic()
    with embedded(shop, authorizer=hang_async if asynchronous else hang, adapter_timeout_ms=200) as db:
        with pytest.raises(leo.TimeoutError, match="`authorize` of the host gave no answer within 200 ms"):
            db.for_user("acme", "ada").ask("how many orders?")
    assert time.monotonic() - begin < 5
    release.set()
    if asynchronous:
        time.sleep(0.2)
        assert cancelled == [True]


def test_a_sink_that_fails_keeps_statements_from_running(shop: Path) -> None:
    class Full(Sink):
        def append(self, events: list[dict[str, Any]]) -> None:
            raise OSError("disk full")

    with embedded(shop, audit=Full()) as db, pytest.raises(leo.AdapterError) as error:
        db.for_user("acme", "ada").sql("SELECT count(*) FROM orders")
    assert isinstance(error.value.__cause__, OSError)


def test_sources_come_from_the_hosts_resolver(shop: Path) -> None:
    asked: list[tuple[str, str]] = []

    def resolve(ctx: dict[str, Any], source: str) -> str | None:
        asked.append((ctx["tenant"], source))
        return str(shop) if source == "shop" else None

    with leo.Leo(
        authorizer=lambda ctx, request: {}, audit=Sink(), resolver=resolve, execution=True
    ) as db:
        user = db.for_user("acme", "ada")
        assert user.sql("SELECT count(*) FROM orders", source="shop").table[0][0] == 3
        with pytest.raises(leo.NotFoundError):
            user.sql("SELECT 1", source="nothing")
    assert ("acme", "shop") in asked


def test_a_part_that_cannot_be_one(shop: Path) -> None:
    with pytest.raises(TypeError, match="`audit` needs a method `append`, which dict does not have"):
        embedded(shop, audit={})
    with pytest.raises(TypeError, match="`audit` is an object with the method `append`, not a function"):
        embedded(shop, audit=print)


def test_sources_are_added_and_removed(shop: Path) -> None:
    with leo.Leo(preset="local") as db:
        db.sources.add(shop, id="first")
        assert [source["id"] for source in db.sources.list()] == ["first"]
        assert db.sources.test("first")["tables_found"] == 2
        assert db.ask("how many orders?").row_count == 1
        assert db.sources.status("first")["state"] == "connected"
        assert db.sources.disconnect("first", wait_ms=10) == 0
        db.sources.update("first", shop)
        db.sources.remove("first")
        assert db.sources.list() == []
        with pytest.raises(leo.ConfigError, match="did you mean `execution`"):
            db.sources.add(shop, exection=True)  # type: ignore[call-arg]
