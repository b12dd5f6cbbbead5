// Models behind services and their cassettes, against a service on loopback that speaks chat completions; and conversations.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'

import { cassette, ConfigError, Leo, NotFoundError, UnavailableError, type ModelSpec } from 'askleo'

const QUESTION = 'interquartile spread of the minutes, please'
const folder = mkdtempSync(join(tmpdir(), 'leo-models-'))
const rides = join(folder, 'rides.csv')
const asked: Record<string, unknown>[] = []
let server: Server
let service: ModelSpec

before(async () => {
  writeFileSync(rides, 'ride,city,minutes\n1,Oslo,12\n2,Oslo,48\n3,Rome,9\n')
  server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      asked.push(JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>)
      const content = JSON.stringify({ sql: 'SELECT max(minutes) - min(minutes) AS spread FROM rides', params: [] })
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ model: 'own-1', choices: [{ message: { content }, finish_reason: 'stop' }], usage: { prompt_tokens: 900, completion_tokens: 40 } }))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  service = { protocol: 'chat', model: 'own-1', baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: 'sk-hunter2', headers: { 'X-Team': 'data' }, price: { input: 1, output: 10 } }
})

after(() => server.close())

test('a model by its fields answers what the planner cannot', async () => {
  await using leo = await Leo.open(rides, { model: service })
  const answer = await leo.ask(QUESTION)
  assert.deepEqual([answer.status, answer.provenance.planner, answer.usage.model_calls, answer.usage.input_tokens], ['answered', 'model', 1, 900])
  assert.equal(answer.usage.cost_usd, (900 * 1 + 40 * 10) / 1e6)
  const [figures] = await leo.modelStatistics()
  assert.deepEqual([figures?.model, figures?.requests], ['chat:own-1', 1])
  const day = new Date().toISOString().slice(0, 10)
  const [spent] = await leo.modelSpending(day, day)
  assert.equal(spent?.cost_micro_usd, 1300)
  assert.ok(!JSON.stringify(asked).includes('hunter2'))
  await assert.rejects(Leo.open(rides, { model: 'grok' }), ConfigError)
})

test('what a model says is recorded and played', async () => {
  const tape = join(folder, 'cassette')
  const options = () => ({ ...cassette(tape, service), asOf: '2024-06-30' })
  const told = async () => {
    await using leo = await Leo.open(rides, options())
    return (await leo.ask(QUESTION)).sql
  }
  const before = asked.length
  assert.equal(await told(), await told())
  assert.equal(asked.length, before + 1)
})

test('a conversation goes on', async () => {
  await using leo = await Leo.open(rides)
  await leo.ask('average minutes by city', { session: 'rides' })
  const answer = await leo.ask('only Oslo', { session: 'rides' })
  assert.equal(answer.status, 'answered')
  assert.equal((await leo.sessions.list())[0]?.turns, 2)
  assert.equal((await leo.sessions.pin('rides')).pinned, true)
  assert.equal((await leo.sessions.rename('rides', 'Oslo')).title, 'Oslo')
  assert.match(await leo.sessions.export('rides', 'markdown'), /only Oslo/)
  await leo.sessions.delete('rides')
  await assert.rejects(leo.sessions.get('rides'), NotFoundError)
})

test('a question waits for its model', async () => {
  let down = true
  const complete = () => {
    if (down) throw new UnavailableError('no answer')
    return { output: { sql: 'SELECT max(minutes) - min(minutes) AS spread FROM rides', params: [] } }
  }
  await using leo = await Leo.open(rides, { model: complete, settings: { 'ask.on_overload': 'queue' } })
  const queued = await leo.ask(QUESTION)
  assert.ok(queued.status === 'queued')
  assert.equal(queued.ticket.reason, 'model_down')
  assert.deepEqual((await leo.tickets.list()).map((ticket) => ticket.id), [queued.ticket.id])
  assert.equal((await leo.tickets.get(queued.ticket.id)).question, QUESTION)
  down = false
  const answer = await leo.tickets.redeem(queued.ticket.id)
  assert.ok(answer.status === 'answered' && answer.ran_at)
  await assert.rejects(leo.tickets.cancel(queued.ticket.id), NotFoundError)
})

test('observers hear of models', async () => {
  await using leo = await Leo.open(rides, { model: service })
  const told: string[] = []
  for await (const event of leo.askStream(QUESTION)) if (event.event.startsWith('model')) told.push(event.event)
  assert.deepEqual(told, ['model_asked', 'model_answered'])
})
