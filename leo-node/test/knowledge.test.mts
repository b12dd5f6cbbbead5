// What syncs find, what people say about it, and how both are kept.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { dirname } from 'node:path'
import * as leo from 'askleo'
import { shop } from './shop.mjs'

const YAML = `
metrics:
  - { name: biggest, table: orders, formula: max(id) }
tables:
  orders: { owner: sales, columns: { note: { personal: free_text } } }
`

test('what people say holds at once and is kept', async (t) => {
  const place = shop(t)
  const storage = join(dirname(place), 'leo.db')
  {
    await using db = await leo.open(place, { storage })
    assert.equal((await db.knowledge()).version, 0)
    assert.deepEqual(await db.checkKnowledge(YAML), [])
    assert.equal(await db.importKnowledge(YAML, { expected: 0 }), 1)
    await assert.rejects(db.setKnowledge({}, { expected: 0 }), leo.ConflictError)
    const [wrong] = await db.checkKnowledge('tables:\n  ordres:\n    favourite: true\n')
    assert.equal(wrong?.line, 3)
    await assert.rejects(db.importKnowledge('tables: { ordres: { favourite: true } }'), /nothing was imported/)
    assert.match(await db.exportKnowledge(), /^leo: 1/)
  }
  await using db = await leo.open(place, { storage })
  assert.equal((await db.knowledgeAt(1)).knowledge.tables?.['orders']?.owner, 'sales')
})

test('personal data is reviewed', async (t) => {
  await using db = await leo.open(shop(t))
  for (const finding of await db.personalReview()) {
    const { table, column } = finding
    await db.decidePersonal([{ table, column, decision: 'reject' }])
  }
  assert.deepEqual(await db.personalReview(), [])
})

test('a sync says how it went', async (t) => {
  await using db = await leo.open(shop(t), { settings: { sync: { interval_minutes: 60 } } })
  assert.equal((await db.syncStatus()).state, 'pending')
  assert.equal((await db.runDue()).length, 1)
  assert.deepEqual(await db.runDue(), [])
  await db.sync({ parallel: 1, only: ['orders'] })
  assert.equal((await db.syncStatus()).state, 'completed')
  await assert.rejects(db.resolveFailed('retry', { tables: ['orders'] }), leo.NotFoundError)
})
