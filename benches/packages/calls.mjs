// What a call costs in Node beyond what it takes in Rust. Prints rows of a Markdown table.
//
//   node calls.mjs DATABASE PACKAGE
//
// DATABASE is the file that `rows.py` makes, PACKAGE the folder of the installed package.

import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const [, , place, folder] = process.argv
const { open } = createRequire(`${folder}/`)('askleo')

const FEW = 'SELECT id, region, day, amount, note FROM orders WHERE id < 10'
const MANY = 'SELECT id, region, day, amount, note FROM orders'
const CALLS = 2_000
const LARGE_CALLS = 60

const sorted = (times) => [...times].sort((one, other) => one - other)
const median = (times) => sorted(times)[Math.floor(times.length / 2)]
const micros = (time) => `${Math.round(time).toLocaleString('en')} µs`

function row(what, times) {
  console.log(`| Node | ${what} | ${micros(median(times))} | ${micros(sorted(times)[Math.floor(0.95 * times.length)])} |`)
}

/** Microseconds until a call gave something, and what it gave. */
async function timed(call) {
  const begun = performance.now()
  const given = await call()
  return [(performance.now() - begun) * 1000, given]
}

/** The same for what does not wait. */
function timedSync(call) {
  const begun = performance.now()
  call()
  return (performance.now() - begun) * 1000
}

/** Microseconds of each call beyond the core's own. */
async function beyond(calls, call) {
  const times = []
  for (let n = 0; n < calls + calls / 10; n += 1) {
    const [took, answer] = await timed(call)
    times.push(took - answer.timings.total_us)
  }
  return times.slice(calls / 10)
}

const repeated = (count, call) => Array.from({ length: count }, () => timedSync(call))

const leo = await open(place)
row('`await sql`, 10 rows', await beyond(CALLS, () => leo.sql(FEW)))
row('`await sql`, 100,000 rows', await beyond(LARGE_CALLS, () => leo.sql(MANY, { maxRows: 100_000 })))

for (const [count, answer] of [
  [CALLS, await leo.sql(FEW)],
  [LARGE_CALLS, await leo.sql(MANY, { maxRows: 100_000 })],
]) {
  const rows = `${answer.table.numRows.toLocaleString('en')} rows`
  row(`\`table.toIPC()\`, ${rows}`, repeated(count, () => answer.table.toIPC()))
  if (count === LARGE_CALLS) row(`\`table.rows()\`, ${rows}`, [timedSync(() => answer.table.rows())])
}

// By how much a call that does next to nothing takes longer with a clock of the host's; with an audit in a file there are no recent records.
const audits = mkdtempSync(join(tmpdir(), 'askleo-'))
for (const [what, clock] of [
  ['a clock', () => new Date()],
  ['an `async` clock', async () => new Date()],
]) {
  const counted = await open(place, { clock, audit: join(audits, `${what}.jsonl`) })
  const plain = await open(place, { audit: join(audits, `no ${what}.jsonl`) })
  const [withClock, without] = [[], []]
  for (let n = 0; n < CALLS; n += 1) {
    withClock.push((await timed(() => counted.recentAudit()))[0])
    without.push((await timed(() => plain.recentAudit()))[0])
  }
  row(what, withClock.map((took) => took - median(without)))
  await Promise.all([counted.close(), plain.close()])
}
rmSync(audits, { recursive: true })
