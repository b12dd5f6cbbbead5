"""What the tests share: the sample company and a shop of two tenants."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

import askleo as leo


SLOW = "SELECT max(a.n + b.n * c.n) FROM numbers a CROSS JOIN numbers b CROSS JOIN numbers c"
"""A statement on the shop that takes minutes."""


@pytest.fixture(scope="session")
def company() -> leo.Leo:
    return leo.sample()


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A database with exact numbers, dates, text in many scripts, and nothing."""
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        connection.executescript(
            """
            CREATE TABLE orders (id INTEGER PRIMARY KEY, region TEXT, day DATE, amount NUMERIC(10, 2), note TEXT);
            INSERT INTO orders VALUES (1, 'north', '2024-01-02', 12.5, 'héllo'), (2, 'south', '2024-02-03', 7.25, NULL),
                                      (3, 'north', '2024-02-04', 0.1, '日本');
            CREATE TABLE numbers (n INTEGER PRIMARY KEY);
            INSERT INTO numbers WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 990) SELECT n FROM up;
            """
        )
    connection.close()
    return path
