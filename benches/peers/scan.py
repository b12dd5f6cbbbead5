"""The peers of the scan bench: the same rows into an Arrow table.

Usage: scan.py READER PLACE SQL RUNS. Prints the seconds of each run, a line each.
"""

import sys
import time


def connectorx(place, sql):
    import connectorx as cx

    place = place if "://" in place else "sqlite://" + place
    return cx.read_sql(place, sql, return_type="arrow")


def adbc_postgresql(place, sql):
    import adbc_driver_postgresql.dbapi as driver

    with driver.connect(place) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetch_arrow_table()


def adbc_sqlite(place, sql):
    import adbc_driver_sqlite.dbapi as driver

    with driver.connect(place) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetch_arrow_table()


def sqlite3(place, sql):
    import sqlite3 as driver

    import pyarrow

    with driver.connect(place) as connection:
        cursor = connection.execute(sql)
        names = [column[0] for column in cursor.description]
        return pyarrow.table(dict(zip(names, map(list, zip(*cursor.fetchall())))))


def duckdb(place, sql):
    import duckdb as engine

    return engine.connect().sql(f"FROM '{place}'").to_arrow_table()


def polars(place, sql):
    import polars as engine

    scan = engine.scan_parquet(place) if place.endswith(".parquet") else engine.scan_csv(place, try_parse_dates=True)
    return scan.collect().to_arrow()


def pyarrow_csv(place, sql):
    import pyarrow.csv

    return pyarrow.csv.read_csv(place)


def pyarrow_parquet(place, sql):
    import pyarrow.parquet

    return pyarrow.parquet.read_table(place)


def main(reader, place, sql, runs):
    read = globals()[reader]
    for _ in range(int(runs)):
        started = time.perf_counter()
        table = read(place, sql)
        seconds = time.perf_counter() - started
        assert table.num_rows == 1_000_000, table.num_rows
        print(seconds)


main(*sys.argv[1:])
