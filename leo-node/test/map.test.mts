// The data map.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as leo from 'askleo'
import { shop } from './shop.mjs'

test('a source is looked through', async (t) => {
  await using db = await leo.open(shop(t))
  const overview = await db.map()
  assert.equal(overview.is_stale, false)
  assert.ok(overview.tables.some((table) => table.name.name === 'orders'))
  assert.equal((await db.ask(overview.questions![0]!)).status, 'answered')
  const detail = await db.mapTable('orders', { sample: 2 })
  assert.equal(detail.sample?.rows.length, 2)
  assert.equal((await db.mapGraph({ around: 'orders', joins: 0 })).nodes.length, 1)
  assert.ok(Array.isArray((await db.mapQuality()).tables))
  await assert.rejects(db.mapTable('ordres'), leo.NotFoundError)
})

test('the map is written in other forms', async (t) => {
  await using db = await leo.open(shop(t))
  assert.match(await db.exportMap('mermaid'), /^erDiagram/)
  assert.match(await db.exportMap('dot', { around: 'orders', joins: 0 }), /^digraph/)
  assert.match(await db.exportMap('ddl'), /CREATE TABLE "orders"/)
  assert.match(await db.exportMap('html', { sample: 1 }), /default-src 'none'/)
  await assert.rejects(db.exportMap('png' as 'html'), leo.ConfigError)
})
