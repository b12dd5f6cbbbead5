"""Model, embedder, clock and storage of the host's own."""

from __future__ import annotations

import asyncio
import datetime
import time
from pathlib import Path
from typing import Any

import pytest

import askleo as leo
import askleo.testing


class Memory:
    """A storage in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[bytes, int, float | None]] = {}
        self.last = 0

    def live(self, key: str) -> tuple[bytes, int, float | None] | None:
        entry = self.kept.get(key)
        return None if entry is None or (entry[2] is not None and entry[2] <= time.monotonic()) else entry

    def get(self, key: str) -> dict[str, Any] | None:
        entry = self.live(key)
        return None if entry is None else {"value": entry[0], "version": entry[1]}

    def expect(self, key: str, expected: int | None) -> None:
        entry = self.live(key)
        if expected is not None and expected != (entry[1] if entry else 0):
            raise leo.ConflictError("another version is there")

    def put(self, key: str, value: bytes, options: dict[str, Any]) -> int:
        assert isinstance(value, bytes)
        if len(key) > 512 or len(value) > 262_144:
            raise leo.LimitExceededError("too large")
        self.expect(key, options["expected"])
        self.last += 1
        ttl = options["ttl_ms"]
        self.kept[key] = (value, self.last, None if ttl is None else time.monotonic() + ttl / 1000)
        return self.last

    def delete(self, key: str, expected: int | None) -> None:
        self.expect(key, expected)
        self.kept.pop(key, None)

    def list_page(self, prefix: str, after: str | None, limit: int) -> list[str]:
        keys = sorted(key for key in self.kept if key.startswith(prefix) and self.live(key) and (after is None or key > after))
        return keys[:limit]


def test_a_storage_holds_its_contract() -> None:
    askleo.testing.check_storage(Memory())


def test_a_storage_that_forgets_does_not() -> None:
    class Forgetful(Memory):
        def get(self, key: str) -> dict[str, Any] | None:
            return None

    with pytest.raises(AssertionError, match="does not hold its contract"):
        askleo.testing.check_storage(Forgetful())


def test_settings_of_a_tenant_outlive_the_handle(shop: Path) -> None:
    class Sink:
        def append(self, events: list[dict[str, Any]]) -> None: ...
        def flush(self) -> None: ...

    storage = Memory()
    for attempt in (1, 2):
        with leo.Leo(sources=[shop], authorizer=lambda ctx, request: {}, audit=Sink(), storage=storage) as db:
            ada = db.for_user("acme", "ada")
            if attempt == 1:
                ada.set_tenant_settings({"calendar": {"fiscal_year_start": 4}})
            found = {setting["path"]: setting["value"] for setting in ada.settings()}
            assert found["calendar.fiscal_year_start"] == 4
            others = {setting["path"]: setting["value"] for setting in db.for_user("other", "bob").settings()}
            assert others["calendar.fiscal_year_start"] == 1


@pytest.mark.parametrize("asynchronous", [False, True])
def test_a_model_answers_what_the_planner_cannot(shop: Path, asynchronous: bool) -> None:
    requests: list[dict[str, Any]] = []

    def complete(ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        requests.append(request)
        sql = "SELECT max(amount) - min(amount) AS spread FROM orders"
        return {"output": {"sql": sql, "params": []}, "input_tokens": 300, "output_tokens": 20, "model": "parrot-1"}

    async def complete_async(ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0)
        return complete(ctx, request)

    with leo.open(shop, model=complete_async if asynchronous else complete) as db:
        answer = db.ask("interquartile spread of the amounts, please")
    assert (answer.status, answer.provenance["planner"], answer.usage["tokens"]) == ("answered", "model", 320)
    assert answer.table.columns == ["spread"] and answer.table[0][0] == pytest.approx(12.4)
    assert "orders" in str(requests) and "héllo" not in str(requests) and "north" not in str(requests)


def test_a_model_is_trusted_no_more_than_anybody(shop: Path) -> None:
    with leo.open(shop, model=lambda ctx, request: '{"sql": "DELETE FROM orders", "params": []}') as db:
        assert db.ask("interquartile spread of the amounts, please").status != "answered"
        assert db.sql("SELECT count(*) FROM orders").table[0][0] == 3


def test_a_model_that_fails_costs_nothing(shop: Path) -> None:
    def complete(ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        raise ConnectionError("s3cret")

    with leo.open(shop, model=complete) as db:
        answer = db.ask("interquartile spread of the amounts, please")
    assert answer.status != "answered" and answer.warnings and "s3cret" not in answer.to_json()


def test_a_clock_says_what_today_is(shop: Path) -> None:
    noon = datetime.datetime(2024, 2, 20, 12, tzinfo=datetime.timezone.utc)
    with leo.open(shop, clock=lambda: noon) as db:
        answer = db.ask("how many orders this month?")
        assert answer.table[0][0] == 2, answer
    with leo.open(shop, clock=lambda: datetime.datetime(2024, 2, 20, 12)) as db:
        with pytest.raises(leo.AdapterError):
            db.ask("how many orders this month?")


def test_an_embedder_finds_what_words_mean(shop: Path) -> None:
    asked: list[list[str]] = []

    def embed(ctx: dict[str, Any], texts: list[str]) -> list[list[float]]:
        asked.append(texts)
        return [[1.0, 0.0] if "amount" in text or "turnover" in text else [0.0, 1.0] for text in texts]

    with leo.open(shop, embedder=embed) as db:
        hits = db.search("turnover", limit=3)
        db.search("turnover", limit=3)
    assert any(hit.get("column") == "amount" for hit in hits)
    assert sum(len(texts) > 1 for texts in asked) == 1, "tables and columns are embedded once"
