"""Rows handed over to other libraries, which see the same memory."""

from __future__ import annotations

from pathlib import Path

import pytest

import askleo as leo

pa = pytest.importorskip("pyarrow")


def test_pyarrow_reads_a_table_without_a_copy(company: leo.Leo) -> None:
    table = company.sql("SELECT * FROM orders", max_rows=1_000).table
    one, two = table.to_arrow(), table.to_arrow()
    assert one.num_rows == len(table) and one.column_names == table.columns
    addresses = [
        [buffer.address for chunk in column.chunks for buffer in chunk.buffers() if buffer is not None] for column in one.columns
    ]
    again = [
        [buffer.address for chunk in column.chunks for buffer in chunk.buffers() if buffer is not None] for column in two.columns
    ]
    assert addresses == again and any(addresses)


def test_an_arrow_table_outlives_its_answer(shop) -> None:
    with leo.open(shop) as db:
        arrow = db.sql("SELECT id FROM orders ORDER BY id").table.to_arrow()
    assert arrow.column("id").to_pylist() == [1, 2, 3]


def test_other_libraries(company: leo.Leo) -> None:
    pandas, polars, duckdb = (pytest.importorskip(name) for name in ("pandas", "polars", "duckdb"))
    table = company.ask("revenue by month in 2024").table
    assert isinstance(table.to_pandas(), pandas.DataFrame) and len(table.to_pandas()) == len(table)
    assert isinstance(table.to_polars(), polars.DataFrame) and table.to_polars().height == len(table)
    months = table.to_arrow()
    assert duckdb.sql("SELECT count(*) FROM months").fetchall() == [(len(table),)]


def test_rows_come_as_they_are_read(shop: Path) -> None:
    with leo.open(shop, settings={"guard": {"row_cap": 30_000}}) as db:
        with db.sql_stream("SELECT a.n, b.n AS m FROM numbers a CROSS JOIN numbers b", max_rows=30_000) as batches:
            first = next(batches)
            rest = pa.table(batches)
        assert 0 < len(first) < 30_000 and len(first) + rest.num_rows == 30_000
        assert rest.column_names == first.columns == ["n", "m"]
        with pytest.raises(leo.ClosedError):
            pa.table(batches)
        assert batches.truncated
        batches = db.sql_stream("SELECT n FROM numbers")
        assert not batches.truncated and sum(map(len, batches)) == 990 and not batches.truncated
        batches = db.sql_stream("SELECT n FROM numbers", max_rows=10)
        assert sum(map(len, batches)) == 10 and batches.truncated


def test_a_schema_is_handed_over(company: leo.Leo) -> None:
    table = company.sql("SELECT * FROM orders", max_rows=1).table
    assert pa.schema(table).names == table.columns
