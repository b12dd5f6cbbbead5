// Questions, statements, and what comes back.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inspect } from 'node:util'
import { tableFromIPC } from 'apache-arrow'
import * as leo from 'askleo'
import { shop } from './shop.mjs'

test('a question is answered', async () => {
  await using company = await leo.sample()
  const answer = await company.ask('How many customers do we have?')
  assert.equal(answer.status, 'answered')
  assert.equal(answer.row_count, 1)
  if (answer.status !== 'answered') throw new Error('the status says which fields there are')
  assert.match(answer.text, /^There are /)
  assert.equal(answer.table.numRows, 1)
  assert.equal(answer.raiseForStatus(), answer)
  assert.ok(String(answer).startsWith(answer.text.slice(0, 20)))
  assert.equal(JSON.parse(JSON.stringify(answer)).table.rows.length, 1)
})

test('what is no question about data has a status', async () => {
  await using company = await leo.sample()
  const answer = await company.ask('What is the meaning of life?')
  if (answer.status !== 'declined' && answer.status !== 'not_data_question') throw new Error(answer.status)
  assert.equal(answer.table, undefined)
  assert.ok(answer.refusal.message)
  assert.throws(() => answer.raiseForStatus(), leo.UnsupportedError)
})

test('values keep what JavaScript would round', async (t) => {
  await using db = await leo.open(shop(t))
  const { table } = (await db.sql('SELECT id, big, day, note FROM orders ORDER BY id')).raiseForStatus()
  assert.deepEqual(table.columns, ['id', 'big', 'day', 'note'])
  assert.deepEqual(table.rows()[0], [1, 9007199254740993n, '2024-01-02', 'héllo'])
  assert.deepEqual(table.toObjects()[1], { id: 2, big: 1, day: '2024-02-03', note: null })
  assert.deepEqual([...table].length, 3)
  const found = await db.sql('SELECT id FROM orders WHERE big = ?', { params: [9007199254740993n] })
  assert.deepEqual(found.table?.rows(), [[1]])
})

test('rows are handed over as Arrow', async () => {
  await using company = await leo.sample()
  const { table } = (await company.ask('revenue by month in 2024')).raiseForStatus()
  const arrow = tableFromIPC(table.toIPC())
  assert.equal(arrow.numRows, table.numRows)
  assert.deepEqual(arrow.schema.fields.map((field) => field.name), table.columns)
})

test('rows and answers as text', async () => {
  await using company = await leo.sample()
  const answer = (await company.ask('revenue by month in 2024')).raiseForStatus()
  assert.match(answer.table.toCSV(), /^month,revenue\r\n2024-01,/)
  assert.match(answer.table.toMarkdown({ maxRows: 1 }), /11 more rows/)
  assert.match(answer.toHTML({ page: true }), /<!doctype html>/i)
  assert.match(answer.chart.toSVG(), /^<svg/)
  assert.match(String(answer.chart.toVegaLite().$schema), /vega-lite/)
  // @ts-expect-error: there is no such option
  assert.throws(() => answer.toHTML({ maxRow: 1 }), { code: 'config', message: '`toHtml` has no option `maxRow`; did you mean `maxRows`?' })
})

test('options, and the ones that there are not', async () => {
  await using company = await leo.sample()
  const answer = await company.ask('revenue by customer', { maxRows: 3 })
  assert.equal(answer.row_count, 3)
  assert.ok(answer.truncated)
  await assert.rejects(company.sql('SELECT ?', [1] as object), { code: 'config', message: /params/ })
  // @ts-expect-error: there is no such option
  await assert.rejects(company.ask('q', { maxRow: 3 }), { name: 'ConfigError', code: 'config', message: '`ask` has no option `maxRow`; did you mean `maxRows`?' })
  // @ts-expect-error: it is a number
  await assert.rejects(company.ask('q', { maxRows: 'many' }), { code: 'config' })
  // @ts-expect-error: it is text
  await assert.rejects(company.ask(undefined), { code: 'config', message: '`ask` needs `question`' })
  // @ts-expect-error: there is no such setting
  await assert.rejects(company.ask('q', { settings: { x: () => 1 } }), { code: 'config', message: 'a function is no plain data' })
  await assert.rejects(company.sql('SELECT ?', { params: [Number.NaN] }), { code: 'config' })
  const endless: unknown[] = []
  endless.push(endless)
  await assert.rejects(company.sql('SELECT ?', { params: endless }), { code: 'config', message: 'the data holds itself' })
})

test('a dangerous statement is refused', async (t) => {
  await using db = await leo.open(shop(t))
  await assert.rejects(db.sql('DELETE FROM orders'), (error: unknown) => error instanceof leo.RejectedError && error.findings.length > 0)
  assert.equal((await db.vet('DELETE FROM orders')).verdict, 'block')
})

test('events on the way', async () => {
  await using company = await leo.sample()
  const events: leo.AskEvent[] = []
  for await (const event of company.askStream('How many customers do we have?')) events.push(event)
  const last = events.at(-1)
  assert.equal(events[0]?.event, 'started')
  if (last?.event !== 'answer') throw new Error('the event says which fields there are')
  assert.equal(last.answer.row_count, 1)
  const sent: string[] = []
  for await (const text of company.askStream('').toSSE()) sent.push(text)
  assert.match(sent.at(-1) ?? '', /^event: error\ndata: \{.*"kind":"malformed"/)
})

test('rows as they come', async (t) => {
  await using db = await leo.open(shop(t), { settings: { guard: { row_cap: 30_000 } } })
  let [tables, rows] = [0, 0]
  const batches = db.sqlStream('SELECT a.n, b.n AS m FROM numbers a CROSS JOIN numbers b', { maxRows: 30_000 })
  for await (const table of batches) {
    tables += 1
    rows += table.numRows
  }
  assert.ok(batches.truncated)
  const all = db.sqlStream('SELECT n FROM numbers')
  for await (const table of all) assert.ok(table.numRows > 0)
  assert.ok(!all.truncated)
  assert.ok(tables > 1)
  assert.equal(rows, 30_000)
})

test('a signal cancels the statement', async (t) => {
  await using db = await leo.open(shop(t))
  await db.ask('how many orders?')
  const abort = new AbortController()
  setTimeout(() => abort.abort(), 100)
  const slow = 'SELECT max(a.n + b.n * c.n) FROM numbers a CROSS JOIN numbers b CROSS JOIN numbers c'
  await assert.rejects(db.sql(slow, { signal: abort.signal, timeoutMs: 60_000 }), leo.CancelledError)
  await assert.rejects(db.sql(slow, { signal: abort.signal }), leo.CancelledError)
  assert.equal((await db.sql('SELECT count(*) FROM orders')).table?.rows()[0]?.[0], 3)
})

test('a closed handle', async (t) => {
  const place = shop(t)
  const audit = `${place}.audit`
  const db = await leo.open(place, { audit })
  await assert.rejects(leo.open(place, { audit }), leo.ConflictError)
  await db.close()
  await assert.rejects(db.ask('how many orders?'), leo.ClosedError)
  await db.close()
  // It holds nothing any more, though it is still there.
  await using other = await leo.open(place, { audit })
  assert.equal((await other.ask('how many orders?')).row_count, 1)
})

test('sources are added and removed', async (t) => {
  await using db = await leo.Leo.build({ preset: 'local' })
  await db.sources.add(shop(t), { id: 'first' })
  assert.deepEqual((await db.sources.list()).map((source) => source.id), ['first'])
  assert.equal((await db.sources.test('first')).tables_found, 2)
  assert.equal((await db.sources.status('first')).state, 'connected')
  await db.sources.remove('first')
  assert.deepEqual(await db.sources.list(), [])
})

test('the sample company with options', async () => {
  await using company = await leo.sample({ settings: { ask: { max_rows: 3 } } })
  const answer = await company.ask('revenue by customer')
  assert.equal(answer.row_count, 3)
  assert.match(inspect(answer.table), /revenue\n──/)
  await using same = await leo.open(leo.samplePath())
  assert.equal((await same.ask('How many customers do we have?')).row_count, 1)
  // @ts-expect-error: there is no such option
  await assert.rejects(leo.sample({ setings: {} }), { code: 'config', message: /did you mean `settings`/ })
  // @ts-expect-error: it has no constructor
  assert.throws(() => new leo.Leo(), { code: 'config' })
})
