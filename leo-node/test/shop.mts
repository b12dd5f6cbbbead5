// A database with numbers, dates, text in many scripts, and nothing.

import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Makes one that is gone when the test is over; Node 20 has no SQLite of its own, and Python everywhere has. */
export function shop(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'askleo-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'shop.db')
  const script = `
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as connection:
    connection.executescript("""
        CREATE TABLE orders (id INTEGER PRIMARY KEY, region TEXT, day DATE, big INTEGER, note TEXT);
        INSERT INTO orders VALUES (1, 'north', '2024-01-02', 9007199254740993, 'héllo'), (2, 'south', '2024-02-03', 1, NULL),
                                  (3, 'north', '2024-02-04', 2, '日本');
        CREATE TABLE numbers (n INTEGER PRIMARY KEY);
        INSERT INTO numbers WITH RECURSIVE up(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 990) SELECT n FROM up;
    """)
`
  execFileSync('python3', ['-c', script, path])
  return path
}
