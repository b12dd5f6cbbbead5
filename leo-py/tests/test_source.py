"""Sources of the host's own, by the same suite of promises as any other."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import askleo as leo

ORDERS = {
    "name": "orders",
    "columns": [
        {"name": "id", "type": "INTEGER"},
        {"name": "region", "type": "TEXT"},
        {"name": "day", "type": "DATE"},
        {"name": "amount", "type": "NUMERIC(10, 2)"},
        {"name": "note", "type": "TEXT"},
    ],
    "primary_key": ["id"],
}


def by_dbapi(shop: Path) -> leo.Source:
    return leo.DBAPI(lambda: sqlite3.connect(shop, check_same_thread=False), dialect="sqlite", tables=[ORDERS], id="mine")


def by_rows(shop: Path) -> leo.Source:
    class Rows(leo.Source):
        id = "mine"

        def tables(self) -> list[dict[str, Any]]:
            return [ORDERS]

        def query(self, sql: str, params: Sequence[Any]) -> Any:
            with sqlite3.connect(shop) as connection:
                cursor = connection.execute(sql, params)
                found = {"columns": [column[0] for column in cursor.description], "rows": cursor.fetchall()}
            connection.close()
            return found

    return Rows()


def by_coroutine(shop: Path) -> leo.Source:
    rows = by_rows(shop)

    class Awaited(leo.Source):
        id = "mine"
        tables = staticmethod(rows.tables)

        async def query(self, sql: str, params: Sequence[Any]) -> Any:
            await asyncio.sleep(0)
            return rows.query(sql, params)

    return Awaited()


def by_duckdb(shop: Path) -> leo.Source:
    duckdb = pytest.importorskip("duckdb")
    connection = duckdb.connect()
    connection.execute("CREATE TABLE orders (id INTEGER, region VARCHAR, day DATE, amount DECIMAL(10, 2), note VARCHAR)")
    with sqlite3.connect(shop) as rows:
        connection.executemany("INSERT INTO orders VALUES (?, ?, ?, ?, ?)", rows.execute("SELECT * FROM orders").fetchall())
    rows.close()

    class Duck(leo.Source):
        id, dialect, engine, default_schema = "mine", "postgres", "duckdb", "main"

        def tables(self) -> list[dict[str, Any]]:
            return [{**ORDERS, "schema": "main"}]

        def query(self, sql: str, params: Sequence[Any]) -> Any:
            return connection.cursor().sql(sql, params=list(params))

    return Duck()


@pytest.mark.parametrize("source", [by_dbapi, by_rows, by_coroutine, by_duckdb])
def test_a_source_of_the_hosts_own_answers(shop: Path, source: Any) -> None:
    with leo.open(source(shop)) as db:
        answer = db.ask("how many orders?")
        assert answer.source == "mine" and int(answer.table[0][0]) == 3
        assert db.sql("SELECT id FROM orders ORDER BY id", max_rows=2).truncated
        assert db.ask("total amount by region").row_count == 2
        with pytest.raises(leo.RejectedError):
            db.sql("SELECT * FROM secrets")
        with pytest.raises(leo.RejectedError):
            db.sql("DELETE FROM orders")


def test_what_a_source_raises_is_the_cause(shop: Path) -> None:
    class Broken(leo.Source):
        def tables(self) -> list[dict[str, Any]]:
            return [ORDERS]

        def query(self, sql: str, params: Sequence[Any]) -> Any:
            raise sqlite3.OperationalError("no such file: s3cret")

    with leo.open(Broken()) as db, pytest.raises(leo.AdapterError) as error:
        db.sql("SELECT id FROM orders")
    assert "s3cret" not in str(error.value)
    assert isinstance(error.value.__cause__, sqlite3.OperationalError)


@pytest.mark.parametrize(
    ("returned", "message"),
    [(7, "what `start` returned"), ({"columns": ["a"], "rows": [[1, 2]]}, "a row has 2 values for 1 columns"), ({"columns": ["a"]}, "needs `rows`")],
)
def test_what_are_no_rows(shop: Path, returned: Any, message: str) -> None:
    class Odd(leo.Source):
        def tables(self) -> list[dict[str, Any]]:
            return [ORDERS]

        def query(self, sql: str, params: Sequence[Any]) -> Any:
            return returned

    with leo.open(Odd()) as db, pytest.raises(leo.AdapterError) as error:
        db.sql("SELECT id FROM orders")
    assert message in str(error.value.__cause__)


def test_placeholders_become_the_drivers() -> None:
    from askleo._source import _placed

    sql = "SELECT '?', \"$1\", E'it\\'s $1', x % 2 -- $1\nFROM t WHERE a = $2 AND b = $1 AND c = $2"
    placed, values = _placed(sql, [1, 2], "postgres", "format")
    assert placed == "SELECT '?', \"$1\", E'it\\'s $1', x %% 2 -- $1\nFROM t WHERE a = %s AND b = %s AND c = %s"
    assert values == (2, 1, 2)
    assert _placed("a = ? AND b = '?'", [5], "mysql", "pyformat") == ("a = %s AND b = '?'", (5,))
    assert _placed("a = @P1", [5], "tsql", "qmark") == ("a = ?", (5,))


def test_categories_are_their_values() -> None:
    pyarrow = pytest.importorskip("pyarrow")
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"region": pandas.Categorical(["north", None, "south", "north"]), "n": [1, 2, 3, 4]})
    nothing = pyarrow.table({"region": pyarrow.array([None], pyarrow.dictionary(pyarrow.int8(), pyarrow.string())), "n": [1]})

    class Frame(leo.Source):
        given: Any = frame

        def tables(self) -> list[dict[str, Any]]:
            return [{"name": "t", "columns": [{"name": "region", "type": "TEXT"}, {"name": "n", "type": "INTEGER"}]}]

        def query(self, sql: str, params: Sequence[Any]) -> Any:
            return self.given

    with leo.open(source := Frame()) as mine:
        table = mine.sql("SELECT region, n FROM t").table
        assert table is not None
        assert table.rows() == [("north", 1), (None, 2), ("south", 3), ("north", 4)]
        assert table.types["region"] == "text"
        source.given = nothing
        assert mine.sql("SELECT region, n FROM t").table.rows() == [(None, 1)]
        # A long text that many rows share counts as often as it is shown.
        words = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 4_000, pyarrow.int32()), ["x" * 1_000_000])
        source.given = pyarrow.table({"region": words, "n": list(range(4_000))})
        with pytest.raises(leo.LimitExceededError, match="larger than"):
            mine.sql("SELECT region, n FROM t")
