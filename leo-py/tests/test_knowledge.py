"""What syncs find, what people say about it, and how both are kept."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import askleo as leo

YAML = """
metrics:
  - { name: takings, table: orders, formula: sum(amount), where: region = 'north' }
tables:
  orders: { owner: sales, columns: { note: { personal: free_text } } }
"""


def test_what_people_say_holds_at_once_and_is_kept(shop: Path, tmp_path: Path) -> None:
    with leo.open(shop, storage=tmp_path / "leo.db") as db:
        assert db.knowledge()["version"] == 0
        assert db.check_knowledge(YAML) == []
        assert db.import_knowledge(YAML, expected=0) == 1
        answer = db.ask("what are the takings?")
        assert answer.table is not None and [float(row[0]) for row in answer.table.rows()] == [12.6]
        with pytest.raises(leo.ConflictError):
            db.set_knowledge({}, expected=0)
        [wrong] = db.check_knowledge("tables:\n  ordres:\n    favourite: true\n")
        assert wrong["line"] == 3 and "orders" in wrong["message"]
        with pytest.raises(leo.ConfigError, match="nothing was imported"):
            db.import_knowledge("tables: { ordres: { favourite: true } }")
        assert db.export_knowledge().startswith("leo: 1")
    with leo.open(shop, storage=tmp_path / "leo.db") as db:
        assert db.knowledge()["knowledge"]["tables"]["orders"]["owner"] == "sales"
        assert db.knowledge_at(1)["changed_by"] == "local"


def test_personal_data_is_reviewed(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,email\n1,\n2,\n")
    with leo.open(tmp_path / "people.csv") as db:
        [finding] = db.personal_review()
        assert (finding["column"], finding["kind"], finding["tier"]) == ("email", "email", "low")
        decision: leo.types.input.PersonalDecision = {
            "table": finding["table"],
            "column": finding["column"],
            "decision": {"confirm": {"kind": "email"}},
        }
        assert db.decide_personal([decision]) == 1
        assert db.personal_review() == []


def test_a_sync_says_how_it_went(shop: Path) -> None:
    with leo.open(shop, settings={"sync": {"interval_minutes": 60}}) as db:
        assert db.sync_status()["state"] == "pending"
        [done] = db.run_due()
        assert done["source"] == "shop" and db.run_due() == []
        seen = []
        db.sync(parallel=1, only=["orders"], progress=lambda event: seen.append(event["stage"]))
        assert seen[0] == "introspect"
        status = db.sync_status()
        assert status["state"] == "completed" and status["failed"] == []
        with pytest.raises(leo.NotFoundError):
            db.resolve_failed("retry", tables=["orders"])


def test_the_same_without_waiting(shop: Path) -> None:
    async def main() -> None:
        async with await leo.AsyncLeo.open(shop) as db:
            assert await db.set_knowledge({"tables": {"orders": {"favourite": True}}}) == 1
            assert (await db.sync_status())["state"] == "pending"
            assert "favourite: true" in await db.export_knowledge()

    asyncio.run(main())
