"""The peers of the profile bench: statistics of every column of the same table.

Usage: profile.py PEER PLACE RUNS. Prints the seconds of each run, a line each.
"""

import sys
import time

ROWS = 1_000_000


def duckdb(place):
    import duckdb as engine

    found = engine.connect().execute(f"SUMMARIZE FROM '{place}'").fetchall()
    assert len(found) == 12 and found[0][10] == ROWS, found


def sqlite3(place):
    import sqlite3 as driver

    connection = driver.connect(place)
    for (column,) in connection.execute("SELECT name FROM pragma_table_info('orders')").fetchall():
        sql = f"SELECT COUNT({column}), COUNT(DISTINCT {column}), MIN({column}), MAX({column}), AVG({column}) FROM orders"
        assert connection.execute(sql).fetchone()[0] > 0


def ydata(place):
    import sqlite3 as driver

    import pandas
    from ydata_profiling import ProfileReport

    frame = pandas.read_sql("SELECT * FROM orders", driver.connect(place))
    found = ProfileReport(frame, minimal=True, progress_bar=False).get_description()
    assert found.table["n"] == ROWS and len(found.variables) == 12


def main(peer, place, runs):
    profile = globals()[peer]
    for module in {"duckdb": ["duckdb"], "ydata": ["pandas", "ydata_profiling"]}.get(peer, []):
        # Loading a package is not what is measured.
        __import__(module)
    for _ in range(int(runs)):
        started = time.perf_counter()
        profile(place)
        print(time.perf_counter() - started)


main(*sys.argv[1:])
