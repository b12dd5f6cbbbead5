// Parts of the host's own, written in JavaScript: sync, async, throwing, never ending.

import assert from 'node:assert/strict'
import { test, type TestContext } from 'node:test'
import { Worker } from 'node:worker_threads'
import { tableFromArrays, tableToIPC } from 'apache-arrow'
import * as leo from 'askleo'
import { shop } from './shop.mjs'

class Sink implements leo.AuditSink {
  events: leo.data.AuditEvent[] = []
  append(events: leo.data.AuditEvent[]): void {
    this.events.push(...events)
  }
  async flush(): Promise<void> {}
}

/** Everybody sees the orders of their own region, without the notes. */
function byRegion(ctx: leo.HostContext): leo.Access {
  if (!ctx.roles.includes('member')) throw new leo.DeniedError('ask Ada for access')
  return { tables: { orders: { row_filter: 'region = :region', deny_columns: ['note'] } } }
}

const embedded = (t: TestContext, parts: leo.LeoOptions) => leo.Leo.build({ sources: [{ place: shop(t), execution: true }], authorizer: () => ({}), audit: new Sink(), ...parts })

test("a policy of the host's own", async (t) => {
  const audit = new Sink()
  await using db = await embedded(t, { authorizer: byRegion, audit })
  const nora = db.forUser({ tenant: 'acme', user: 'nora', roles: ['member'], attributes: { region: 'north' } })
  assert.deepEqual((await nora.sql('SELECT id FROM orders ORDER BY id')).table?.rows(), [[1], [3]])
  await assert.rejects(nora.sql('SELECT note FROM orders'), leo.RejectedError)
  const eve = db.forUser({ tenant: 'acme', user: 'eve' })
  await assert.rejects(eve.ask('how many orders?'), (error: unknown) => error instanceof leo.DeniedError && error.cause instanceof leo.DeniedError)
  await assert.rejects(db.ask('how many orders?'), /nobody is asking/)
  assert.ok(audit.events.some((event) => event.action === 'statement' && event.user === 'nora' && event.tenant === 'acme'))
})

test('what a part throws is the cause, and nothing ends', async (t) => {
  for (const authorizer of [() => { throw new RangeError('s3cret') }, async () => { throw new RangeError('s3cret') }]) {
    await using db = await embedded(t, { authorizer })
    await assert.rejects(db.forUser({ tenant: 'acme', user: 'ada' }).ask('how many orders?'), (error: unknown) => {
      assert.ok(error instanceof leo.AdapterError && error.cause instanceof RangeError)
      assert.ok(!error.message.includes('s3cret') && error.message.includes('RangeError'))
      return true
    })
  }
  await using odd = await embedded(t, { authorizer: () => { throw null } })
  await assert.rejects(odd.forUser({ tenant: 'acme', user: 'ada' }).ask('how many orders?'), leo.AdapterError)
})

test('what is no access lets nobody in', async (t) => {
  const cases: [unknown, RegExp][] = [[undefined, /returned nothing; return an access/], [7, /an object of names and values, not a whole number/], [{ deny_table: [] }, /did you mean `deny_tables`/], [() => 1, /plain data/]]
  for (const [returned, message] of cases) {
    await using db = await embedded(t, { authorizer: () => returned as leo.Access })
    await assert.rejects(db.forUser({ tenant: 'acme', user: 'ada' }).sql('SELECT count(*) FROM orders'), message)
  }
})

test('a promise that never ends is given up', async (t) => {
  await using db = await embedded(t, { authorizer: () => new Promise(() => {}), adapterTimeoutMs: 100 })
  await assert.rejects(db.forUser({ tenant: 'acme', user: 'ada' }).ask('how many orders?'), leo.TimeoutError)
})

test('a part may call Leo again', async (t) => {
  await using policies = await leo.open(shop(t))
  const authorizer = async () => {
    assert.equal((await policies.sql('SELECT count(*) FROM orders')).table?.rows()[0]?.[0], 3)
    return {}
  }
  await using db = await embedded(t, { authorizer })
  assert.equal((await db.forUser({ tenant: 'acme', user: 'ada' }).ask('how many orders?')).row_count, 1)
})

test('a sink that fails keeps statements from running', async (t) => {
  await using db = await embedded(t, { audit: { append() { throw new Error('disk full') }, flush() {} } })
  await assert.rejects(db.forUser({ tenant: 'acme', user: 'ada' }).sql('SELECT count(*) FROM orders'), leo.AdapterError)
})

test('parts that cannot be any', async (t) => {
  // @ts-expect-error: it lacks its methods
  await assert.rejects(embedded(t, { audit: {} }), { code: 'config', message: '`audit` needs a method `append`' })
  // @ts-expect-error: it is no function
  await assert.rejects(embedded(t, { audit: () => {} }), { code: 'config' })
})

const ORDERS = { name: 'orders', columns: [{ name: 'id', type: 'INTEGER' }, { name: 'region', type: 'TEXT' }], primary_key: ['id'] }

test("a source of the host's own", async () => {
  const asked: string[] = []
  const answers: (() => leo.Rows | Promise<Uint8Array>)[] = [
    () => ({ columns: ['n'], rows: [[3]] }),
    async () => tableToIPC(tableFromArrays({ n: Int32Array.from([3]) }), 'stream'),
  ]
  for (const answer of answers) {
    const source: leo.HostSource = { id: 'mine', dialect: 'sqlite', tables: () => [ORDERS], query: (sql) => { asked.push(sql); return answer() } }
    await using db = await leo.open(source)
    await db.sync({ profile: false })
    const { table } = await db.sql('SELECT count(*) AS n FROM orders')
    assert.equal(Number(table?.rows()[0]?.[0]), 3)
    await assert.rejects(db.sql('DELETE FROM orders'), leo.RejectedError)
  }
  assert.ok(asked.every((sql) => sql.startsWith('SELECT')))
  const broken: leo.HostSource = { id: 'mine', dialect: 'sqlite', tables: () => [ORDERS], query: () => { throw new TypeError('s3cret') } }
  await using db = await leo.open(broken)
  await db.sync({ profile: false })
  await assert.rejects(db.sql('SELECT id FROM orders'), (error: unknown) => error instanceof leo.AdapterError && error.cause instanceof TypeError)
})

test('workers have handles of their own', async (t) => {
  const code = `
    const { parentPort, workerData } = require('node:worker_threads')
    const leo = require(${JSON.stringify(new URL("../../dist/index.js", import.meta.url).pathname)})
    ;(async () => {
      await using db = await leo.Leo.build({ sources: [{ place: workerData, execution: true }], authorizer: async () => ({}), audit: { append() {}, flush() {} } })
      const answer = await db.forUser({ tenant: 'acme', user: 'ada' }).ask('how many orders?')
      parentPort.postMessage(answer.row_count)
    })()`
  const path = shop(t)
  const counts = await Promise.all([1, 2, 3].map(() => new Promise((resolve, reject) => {
    const worker = new Worker(code.replace('await using db', 'const db'), { eval: true, workerData: path })
    worker.once('message', resolve).once('error', reject)
  })))
  assert.deepEqual(counts, [1, 1, 1])
})

/** A storage in a map. */
class Memory implements leo.Storage {
  kept = new Map<string, { value: Uint8Array; version: number; until: number }>()
  last = 0

  #live(key: string) {
    const entry = this.kept.get(key)
    return entry && entry.until > performance.now() ? entry : undefined
  }

  #expect(key: string, expected: number | null) {
    if (expected !== null && expected !== (this.#live(key)?.version ?? 0)) throw new leo.ConflictError('another version is there')
  }

  get(key: string) {
    const entry = this.#live(key)
    return entry ? { value: entry.value, version: entry.version } : null
  }

  async put(key: string, value: Uint8Array, options: { expected: number | null; ttl_ms: number | null }) {
    assert.ok(value instanceof Uint8Array)
    if (key.length > 512 || value.length > 262_144) throw new leo.LimitExceededError('too large')
    this.#expect(key, options.expected)
    this.last += 1
    this.kept.set(key, { value, version: this.last, until: options.ttl_ms === null ? Infinity : performance.now() + options.ttl_ms })
    return this.last
  }

  delete(key: string, expected: number | null) {
    this.#expect(key, expected)
    this.kept.delete(key)
  }

  list_page(prefix: string, after: string | null, limit: number) {
    const keys = [...this.kept.keys()].filter((key) => key.startsWith(prefix) && this.#live(key) && (after === null || key > after))
    return keys.sort().slice(0, limit)
  }
}

test('a storage holds its contract, and one that forgets does not', async () => {
  await leo.checkStorage(new Memory())
  class Forgetful extends Memory {
    override get() {
      return null
    }
  }
  await assert.rejects(leo.checkStorage(new Forgetful()), /does not hold its contract/)
})

test('a model answers what the planner cannot, and is trusted no more than anybody', async (t) => {
  const requests: leo.ModelRequest[] = []
  const path = shop(t)
  await using db = await leo.open(path, {
    model: async (_, request) => {
      requests.push(request)
      return { output: { sql: 'SELECT max(big) - min(big) AS spread FROM orders', params: [] }, input_tokens: 300, output_tokens: 20, model: 'parrot-1' }
    },
  })
  const answer = await db.ask('interquartile spread of big, please')
  assert.equal(answer.provenance.planner, 'model')
  assert.deepEqual(answer.table?.rows(), [[9007199254740992n]])
  assert.equal(answer.usage.tokens, 320)
  assert.ok(!JSON.stringify(requests).includes('héllo'))
  await using evil = await leo.open(path, { model: () => '{"sql": "DELETE FROM orders", "params": []}' })
  assert.notEqual((await evil.ask('interquartile spread of big, please')).status, 'answered')
})

test('a clock says what today is', async (t) => {
  await using db = await leo.open(shop(t), { clock: () => new Date('2024-02-20T12:00:00Z') })
  assert.equal((await db.ask('how many orders this month?')).table?.rows()[0]?.[0], 2)
})
