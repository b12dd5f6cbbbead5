// Shows each stage as it ends, reads rows as they come, and stops a statement that nobody waits for.
//
// Needs: askleo.

import { CancelledError, sample, TimeoutError } from 'askleo'

const SLOW = 'SELECT sum(abs(a.net_amount - b.net_amount)) FROM order_totals a CROSS JOIN order_totals b'
const leo = await sample()

// `toSSE` of the stream gives the same events as text for a browser's EventSource.
for await (const event of leo.askStream('revenue by quarter in 2024')) {
  if (event.event === 'finished') console.log(`${event.stage.padEnd(10)} ${String(event.us).padStart(7)} µs`)
  else if (event.event === 'answer') console.log(`\n${event.answer.text}\n`)
}

// Rows come in batches. Leaving the loop early stops the statement in the database. Without `maxRows` it gives 5,000 rows.
let rows = 0
for await (const batch of leo.sqlStream('SELECT order_line_id, unit_price FROM order_lines', { maxRows: 100_000 })) {
  rows += batch.numRows
  if (rows >= 2_000) break
}
console.log(`read ${rows} rows and left`)

// A signal stops the statement too.
const abort = new AbortController()
const slow = leo.sql(SLOW, { signal: abort.signal, timeoutMs: 60_000 })
let began
setTimeout(() => {
  began = performance.now()
  abort.abort()
}, 200)
try {
  await slow
} catch (error) {
  if (!(error instanceof CancelledError)) throw error
  console.log(`${error.code}, ${performance.now() - began < 1_000 ? 'at once' : 'late'}`)
}

// So does the time given to it.
try {
  await leo.sql(SLOW, { timeoutMs: 200 })
} catch (error) {
  if (!(error instanceof TimeoutError)) throw error
  console.log(`${error.code}: ${error.message}`)
}
await leo.close()
