"""Makes the SQLite file that every language asks: 100,000 rows of five columns. Usage: rows.py PATH"""

import sqlite3
import sys

ROWS = 100_000

with sqlite3.connect(sys.argv[1]) as connection:
    connection.execute("CREATE TABLE orders (id INTEGER PRIMARY KEY, region TEXT, day DATE, amount REAL, note TEXT)")
    connection.executemany(
        "INSERT INTO orders VALUES (?, ?, ?, ?, ?)",
        (
            (n, ["north", "south", "east", "west"][n % 4], f"2024-{n % 12 + 1:02}-{n % 28 + 1:02}", n / 8, f"order {n}" if n % 3 else None)
            for n in range(ROWS)
        ),
    )
connection.close()
