// Suites of questions: asked, scored, bounded, compared, and shown as a page.

import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import * as leo from 'askleo'
import { shop } from './shop.mjs'

const SUITE = `
tags: [orders]
questions:
  - { id: all, question: How many orders are there?, gold: SELECT count(*) FROM orders }
  - { id: north, question: How many orders are there in the north region?, value: 2 }
  - { id: wrong, question: How many orders are there?, gold: SELECT 4711 + count(*) FROM orders }
  - { id: none, question: Who is the tallest? }
`

const right = (run: leo.data.Evaluation) => run.questions.map((result) => `${String(result.id)} ${String(result.correct)}`)

test('a suite is asked and scored, and what it misses is told', async (t) => {
  await using db = await leo.open(shop(t))
  const run = await db.evaluate(SUITE, { gates: { execution_match: 0.9, coverage: 0.75 }, workers: 1 })
  assert.deepEqual(right(run), ['all true', 'north true', 'wrong false', 'none true'])
  assert.deepEqual([run.report.questions, run.report.answered, run.report.execution_match], [4, 3, 0.75])
  assert.deepEqual(run.missed, ['right of all is 75.0 %, and has to be 90.0 % at least'])
  assert.equal(run.questions[2]?.mismatch, 'values')
  // What is right is the suite's, and in no result.
  assert.ok(!JSON.stringify(run).includes('4711'))
  await assert.rejects(db.evaluate(SUITE, { gates: { allowed_drop: 0 } }), leo.ConfigError)
})

test('two runs are compared', async (t) => {
  await using db = await leo.open(shop(t))
  const earlier = JSON.parse(JSON.stringify(await db.evaluate(SUITE))) as leo.data.Evaluation
  const run = await db.evaluate(SUITE.replace('value: 2', 'value: 3'), { baseline: earlier, gates: { allowed_drop: 0.1 } })
  assert.deepEqual(run.comparison?.broken.map((change) => change.id), ['north'])
  assert.match(run.missed?.[0] ?? '', /^right answers fell from 75.0 % to 50.0 %/)
  const back = await db.compareEvaluations(run, earlier)
  assert.deepEqual([back.fixed.length, back.broken.length, back.significance.p_value], [1, 0, 1])
  await assert.rejects(db.compareEvaluations(earlier, {} as leo.data.Evaluation), /is no evaluation/)
})

test('a run is a page', async (t) => {
  await using db = await leo.open(shop(t))
  const run = await db.evaluate(SUITE, { gates: { execution_match: 0.9 } })
  const page = await db.evaluationHtml(run, { title: 'Shop <questions>' })
  assert.match(page, /^<!doctype html>/)
  assert.ok(page.includes('<h1>Shop &lt;questions&gt;</h1>') && page.includes('Bounds that are not held') && !page.includes('4711'))
  assert.ok((await db.evaluationHtml(run, { suite: SUITE })).includes('SELECT 4711 + count(*) FROM orders'))
})

test('a suite is text, data or a file', async (t) => {
  const place = shop(t)
  await using db = await leo.open(place, { id: 'shop' })
  const rows = [{ question: 'How many orders are there?', value: 3 }]
  const path = join(dirname(place), 'own.yaml')
  writeFileSync(path, JSON.stringify(rows))
  for (const suite of [rows, { questions: rows, match: 'set' }, JSON.stringify(rows), { path }]) {
    const run = await db.evaluate(suite, { source: 'shop', limit: 1 })
    assert.deepEqual([right(run), run.questions[0]?.db], [['0 true'], 'shop'])
  }
  await assert.rejects(db.evaluate([{ question: 'How many?', glod: 'SELECT 1' }]), /unknown key `glod`; do you mean `gold`/)
  await assert.rejects(db.evaluate({ path: join(dirname(place), 'none.yaml') }), leo.NotFoundError)
})

test('turns continue each other, unless they are asked one by one', async (t) => {
  await using db = await leo.open(shop(t))
  const turns = [{ question: 'How many orders are there?', value: 3 }, { question: 'only those in the north region', value: 2 }]
  assert.deepEqual(right(await db.evaluate([{ turns }])), ['0 true', '0 true'])
  assert.deepEqual(right(await db.evaluate([{ turns }], { oneByOne: true })), ['0 true', '0 false'])
  assert.deepEqual(await db.sessions.list(), [])
})

test('a viewer is scored with the rows that he may see', async (t) => {
  const seen: Record<string, unknown>[] = []
  const audit = { append: (events: unknown[]) => void seen.push(...(events as Record<string, unknown>[])), flush: () => undefined }
  const authorizer = { authorize: () => ({ tables: { orders: { row_filter: 'region = :region' } } }) }
  await using db = await leo.Leo.build({ sources: [{ place: shop(t), execution: true }], authorizer, audit })
  const viewer = (user: string, region: string) => db.forUser({ tenant: 'acme', user, attributes: { region } })
  const suite = [{ question: 'How many orders are there?', value: 2 }]
  assert.deepEqual(right(await viewer('nora', 'north').evaluate(suite)), ['0 true'])
  assert.deepEqual(right(await viewer('sven', 'south').evaluate(suite)), ['0 false'])
  assert.ok(seen.some((event) => event['purpose'] === 'eval' && event['user'] === 'sven'))
})

test('a run ends when it is not wanted any more', async (t) => {
  await using db = await leo.open(shop(t))
  await assert.rejects(db.evaluate(SUITE, { signal: AbortSignal.abort() }), leo.CancelledError)
})
