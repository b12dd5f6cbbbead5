"""Times sqlglot's parse and qualify on the statements that `cargo bench --bench guard_dialects` vetted.

Usage: sqlglot_qualify.py STATEMENTS.jsonl SCHEMAS.json
"""

import json
import logging
import sys
import time
from collections import defaultdict

import sqlglot
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

logging.disable(logging.CRITICAL)
ROUNDS = 5


def main(statements: str, schemas: str) -> None:
    known = {
        (schema["dialect"], schema["name"]): MappingSchema(schema["tables"], dialect=name(schema["dialect"]))
        for schema in json.load(open(schemas, encoding="utf-8"))
    }
    times, failed = defaultdict(list), defaultdict(int)
    for line in open(statements, encoding="utf-8"):
        row = json.loads(line)
        dialect, schema = name(row["dialect"]), known[row["dialect"], row["schema"]]
        for _ in range(ROUNDS):
            start = time.perf_counter()
            try:
                tree = sqlglot.parse_one(row["sql"], read=dialect)
                qualify(tree, dialect=dialect, schema=schema)
            except Exception:
                failed[row["dialect"]] += 1
                break
            times[row["dialect"]].append((time.perf_counter() - start) * 1e6)
    print(f"\n| sqlglot {sqlglot.__version__} | not read | median | P99 |\n|---|---|---|---|")
    for dialect, found in sorted(times.items()):
        found.sort()
        median, last = found[len(found) // 2], found[int((len(found) - 1) * 0.99)]
        print(f"| {dialect} | {failed[dialect]} | {median:.0f} µs | {last:.0f} µs |")


def name(dialect: str) -> str:
    return {"datafusion": "postgres"}.get(dialect, dialect)


main(*sys.argv[1:])
