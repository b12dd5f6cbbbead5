"""Hands rows to pyarrow, polars, pandas and DuckDB, which read the same memory; and takes DuckDB as a source.

Needs: askleo, pyarrow, polars, pandas, duckdb.
"""

import duckdb
import polars
import pyarrow
from pyarrow import compute

import askleo

with askleo.sample() as leo:
    table = leo.ask("revenue by category in 2024").table

    arrow = pyarrow.table(table)  # Or table.to_arrow(); anything that knows the Arrow PyCapsule interface takes a table.
    print(arrow.schema)

    frame = polars.DataFrame(table)
    print(frame.with_columns((polars.col("revenue") / polars.col("revenue").sum() * 100).round(1).alias("percent")))

    print(table.to_pandas().set_index("category_name")["revenue"].describe().round(0).to_dict(), end="\n\n")

    print(duckdb.sql("SELECT count(*) AS categories, round(max(revenue)) AS highest FROM arrow"))

    # Results too large to hold come batch by batch. Without `max_rows` a statement gives 5,000 rows.
    with leo.sql_stream("SELECT order_id, net_amount FROM order_totals", max_rows=100_000) as batches:
        large = rows = 0
        for batch in pyarrow.RecordBatchReader.from_stream(batches):
            rows += batch.num_rows
            large += compute.sum(compute.greater(batch["net_amount"], 1_000)).as_py()
    print(f"{large} of {rows} orders are above 1,000")


class Duck(askleo.Source):
    """Any engine that gives Arrow: the statements are vetted before it hears of them."""

    id, dialect, engine, default_schema = "duck", "postgres", "DuckDB", "main"

    def __init__(self, connection):
        self.connection = connection

    def tables(self):
        columns = [{"name": "city", "type": "TEXT"}, {"name": "guests", "type": "INTEGER"}]
        return [{"schema": "main", "name": "visits", "columns": columns}]

    def query(self, sql, params):
        return self.connection.cursor().sql(sql, params=params).to_arrow_table()


own = duckdb.connect()
own.execute("CREATE TABLE visits AS SELECT * FROM (VALUES ('Oslo', 12), ('Rome', 31), ('Oslo', 8)) AS v(city, guests)")
with askleo.open(Duck(own)) as leo:
    print(leo.ask("total guests by city").text)
