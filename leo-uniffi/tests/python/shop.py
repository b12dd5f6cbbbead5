"""What the tests share: the vectors, and a shop with parts of its own."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import tempfile
import unittest
from pathlib import Path
from typing import Any

import askleo
from askleo import BuildOptions, LeoError, Parts, SourceOptions, UserContext

ROOT = Path(__file__).parents[3]
VECTORS = ROOT / "tests" / "vectors"
SURFACE = json.loads((VECTORS / "surface.json").read_text(encoding="utf-8"))
OUTCOMES = json.loads((VECTORS / "outcomes.json").read_text(encoding="utf-8"))

SLOW = "SELECT max(a.n + b.n * c.n) FROM numbers a CROSS JOIN numbers b CROSS JOIN numbers c"
"""A statement on the shop that takes minutes."""

TRICKLE = """
SELECT a.n FROM numbers a CROSS JOIN numbers b CROSS JOIN numbers c WHERE a.n = 1 AND b.n < 11 OR a.n + b.n + c.n > 2969
"""
"""A statement whose first rows come at once, and then none for minutes."""

SHOP = """
CREATE TABLE orders (id INTEGER PRIMARY KEY, region TEXT, day DATE, amount NUMERIC(10, 2), note TEXT);
INSERT INTO orders VALUES (1, 'north', '2024-01-02', 12.5, 'héllo'), (2, 'south', '2024-02-03', 7.25, NULL),
                          (3, 'north', '2024-02-04', 0.1, '日本');
CREATE TABLE numbers (n INTEGER PRIMARY KEY);
INSERT INTO numbers WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 990) SELECT n FROM up;
"""


def kind(error: LeoError) -> str:
    """The stable name of an error's kind, from the class that it is."""
    name = type(error).__name__
    return "".join("_" + letter.lower() if letter.isupper() else letter for letter in name).lstrip("_")


def rows(answer: askleo.Answer) -> Any:
    table = answer.table()
    assert table is not None, answer.text()
    return json.loads(table.rows())


class Sink(askleo.AuditSink):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    async def append(self, events: str) -> None:
        self.events.extend(json.loads(events))

    async def flush(self) -> None:
        pass


class Everything(askleo.Authorizer):
    """Shows everything to everybody."""

    async def authorize(self, ctx: str, request: str) -> str:
        return "{}"


class Case(unittest.IsolatedAsyncioTestCase):
    """A test beside a shop of its own."""

    async def asyncSetUp(self) -> None:
        # Parts are called from threads of the library, which have no loop.
        loop = asyncio.get_running_loop()
        askleo.uniffi_set_event_loop(loop)
        # In debug mode, a loop refuses how generated code cancels a part that was given up.
        loop.set_debug(False)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)
        self.shop = str(self.folder / "shop.db")
        connection = sqlite3.connect(self.shop)
        connection.executescript(SHOP)
        connection.close()

    async def tenants(self, options: dict[str, Any] | None = None, **parts: Any) -> askleo.Leo:
        """A handle for tenants and users."""
        parts = {"audit": Sink(), "authorizer": Everything(), **parts}
        sources = [SourceOptions(place=self.shop, execution=True)]
        return await askleo.Leo.build(BuildOptions(sources=sources, **(options or {})), Parts(**parts))

    async def user(self, options: dict[str, Any] | None = None, **parts: Any) -> askleo.Leo:
        return (await self.tenants(options, **parts)).for_user(UserContext(tenant="acme", user="ada"))

    async def error(self, awaited: Any) -> tuple[str, str]:
        """Kind and message of the error that comes."""
        with self.assertRaises(LeoError) as caught:
            await awaited
        return kind(caught.exception), caught.exception.info.message
