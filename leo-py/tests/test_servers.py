"""Every kind of source opens by its URL, and keeps the promises that a person would check first."""

from __future__ import annotations

import asyncio
import datetime
import decimal
import os

import pytest

import askleo as leo

SERVERS = ["postgres", "mariadb"]


@pytest.fixture(params=SERVERS)
def url(request: pytest.FixtureRequest) -> str:
    url = os.environ.get(f"LEO_TEST_{request.param.upper()}_URL")
    if url is None:
        pytest.skip(f"there is no {request.param} server here")
    return url


def test_a_server_is_asked(url: str) -> None:
    with leo.open(url) as db:
        assert db.ask("how many orders?").table.rows() == [(3,)]
        rows = db.sql("SELECT id, day, amount, note FROM orders ORDER BY id").table.rows()
        assert rows[0] == (1, datetime.date(2024, 1, 2), decimal.Decimal("12.50"), "héllo")
        assert rows[1][3] is None and rows[2][3] == "日本"
        assert db.ask("total amount by region").row_count == 2
        placeholder = "$1" if url.startswith("postgres") else "?"
        found = db.sql(f"SELECT id FROM orders WHERE amount > {placeholder}", [decimal.Decimal("10.00")]).table
        assert found.rows() == [(1,)]
        with pytest.raises(leo.RejectedError):
            db.sql("DELETE FROM orders")
        assert [source["state"] for source in db.sources.list()] == ["connected"]
        assert db.sources.test(db.sources.list()[0]["id"])["read_only"]


def test_rows_are_left_alone_halfway(url: str) -> None:
    with leo.open(url) as db:
        batches = db.sql_stream("SELECT a.id FROM orders a CROSS JOIN orders b")
        next(batches)
        del batches
        assert db.ask("how many orders?").row_count == 1


def test_a_server_is_awaited(url: str) -> None:
    async def main() -> list[int]:
        async with await leo.AsyncLeo.open(url) as db:
            answers = await asyncio.gather(*(db.ask("how many orders?") for _ in range(20)))
        return [answer.table[0][0] for answer in answers]

    assert asyncio.run(main()) == [3] * 20


def test_a_wrong_password_is_told_without_it(url: str) -> None:
    scheme, rest = url.split("://")
    wrong = f"{scheme}://reader:wr0ng-s3cret@{rest.split('@')[-1]}"
    with pytest.raises(leo.LeoError) as error:
        leo.open(wrong)
    assert "wr0ng" not in str(error.value) and error.value.kind in ("config", "denied")


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_connection_is_not_shared_with_a_fork(url: str) -> None:
    with leo.open(url) as db:
        assert db.ask("how many orders?").row_count == 1
        child = os.fork()
        if child == 0:
            status = 1
            try:
                status = 0 if db.sql("SELECT count(*) FROM orders").table[0][0] == 3 else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert db.sql("SELECT count(*) FROM orders").table[0][0] == 3


def test_what_a_build_opens() -> None:
    assert {"sqlite", "files", "postgres", "mysql", "mssql"} <= set(leo.features()["sources"])
    # There is no SQL Server here: the way there is refused by whoever listens, and told so.
    with pytest.raises(leo.UnavailableError):
        leo.open("mssql://reader:secret@127.0.0.1:1/shop")
