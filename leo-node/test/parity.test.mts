// The package has what every package has, and gives the same.

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import * as leo from 'askleo'

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8')
const surface = JSON.parse(read('../../../tests/vectors/surface.json')) as {
  calls: Record<string, { arguments: string[]; options: string[]; returns: string }>
  open: { options: string[] }
  build: { options: string[] }
  for_user: { arguments: string[]; options: string[] }
  parts: Record<string, Record<string, string[]>>
  errors: string[]
  statuses: string[]
  events: string[]
  answer_forms: string[]
  table_forms: string[]
}
const declared = ['leo', 'options', 'adapter', 'answer', 'stream', 'errors'].map((name) => read(`../../dist/${name}.d.ts`)).join('\n')
const camel = (name: string) => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** Names of the fields of an interface, those of what it extends left out. */
function fields(name: string): string[] {
  const body = new RegExp(`interface ${name}\\b[^{]*\\{(.*?)\\n\\}`, 's').exec(declared)?.[1] ?? ''
  return [...body.matchAll(/^ {4}(\w+)\??:/gm)].map((match) => match[1] as string).sort()
}

const OPTIONS: Record<string, string> = { ask: 'AskOptions', ask_query: 'AskOptions', ask_stream: 'AskOptions', sql: 'SqlOptions', sql_stream: 'SqlOptions', vet: 'SqlOptions', lineage: 'SqlOptions', sync: 'SyncOptions', sync_stream: 'SyncOptions', evaluate: 'EvaluateOptions', evaluation_html: 'EvaluationHtmlOptions', 'sources.add': 'SourceOptions' }

const OWNERS: Record<string, object> = { '': leo.Leo.prototype, sources: leo.Sources.prototype, sessions: leo.Sessions.prototype, tickets: leo.Tickets.prototype }

test('each call is a method with its options', () => {
  assert.ok(Object.keys(surface.calls).length > 20)
  for (const [name, call] of Object.entries(surface.calls)) {
    const [space, method] = name.includes('.') ? name.split('.') : ['', name]
    const owner = OWNERS[space as string]
    assert.equal(typeof (owner as unknown as Record<string, unknown>)[camel(method as string)], 'function', name)
    if (OPTIONS[name]) assert.deepEqual(fields(OPTIONS[name]), call.options.filter((option) => option !== 'connector' && option !== 'place').map(camel).sort(), name)
  }
  const methods = (owner: object) => Object.getOwnPropertyNames(owner).filter((name) => name !== 'constructor')
  const calls = Object.keys(surface.calls).map((name) => camel(name.split('.').pop() as string))
  assert.deepEqual(new Set(Object.values(OWNERS).flatMap(methods)), new Set([...calls, 'forUser']))
})

test('what makes a handle', () => {
  const parts = Object.keys(surface.parts).filter((part) => part !== 'source')
  assert.deepEqual(fields('Parts'), parts.sort())
  assert.deepEqual(fields('UserOptions'), [...surface.for_user.arguments, ...surface.for_user.options].map(camel).sort())
  assert.deepEqual(fields('LeoOptions'), surface.build.options.map(camel).sort())
  assert.deepEqual(new Set([...fields('OpenOptions'), ...fields('SourceOptions')]), new Set(surface.open.options.map(camel)))
  for (const [part, methods] of Object.entries(surface.parts)) {
    if (part === 'source') continue
    const name = { authorizer: 'Authorizer', audit: 'AuditSink', resolver: 'SourceResolver', credentials: 'CredentialProvider', storage: 'Storage', clock: 'Clock', model: 'Model', embedder: 'Embedder' }[part]
    const body = new RegExp(`interface ${name}\\b[^{]*\\{(.*?)\\n\\}`, 's').exec(declared)?.[1] ?? ''
    assert.deepEqual([...body.matchAll(/^ {4}(\w+)\(/gm)].map((match) => match[1]), Object.keys(methods), part)
  }
})

test('errors, statuses, events and forms', () => {
  const codes = Object.values(leo).filter((value) => typeof value === 'function' && value.prototype instanceof leo.LeoError).map((error) => (error as unknown as { code: string }).code)
  assert.deepEqual(new Set(codes), new Set(surface.errors))
  for (const name of [...surface.statuses, ...surface.events.filter((event) => event !== 'error')]) assert.ok(declared.includes(`'${name}'`), name)
  const form = (name: string) => `to${{ text: 'Text', html: 'HTML', csv: 'CSV', markdown: 'Markdown', json_lines: 'JSONLines' }[name]}`
  for (const name of surface.table_forms) assert.ok(name === 'text' || form(name) in leo.Table.prototype, name)
  for (const name of surface.answer_forms) assert.ok(declared.includes(`${form(name)}(`), name)
})

/** Whole numbers that JavaScript would round are text in its JSON. */
const outcomes = JSON.parse(read('../../../tests/vectors/outcomes.json').replace(/^(\s+)(\d{16,})(,?)$/gm, '$1"$2"$3')) as { call: string; arguments: Record<string, unknown>; outcome: Record<string, unknown>; arrow?: string }[]

test('calls give what they give everywhere', async () => {
  assert.ok(outcomes.length >= 30)
  await using company = await leo.sample()
  let [compared, files] = [0, 0]
  for (const { call, arguments: args, outcome, arrow } of outcomes) {
    const [first] = surface.calls[call]?.arguments ?? []
    const named = Object.fromEntries(Object.entries(args).filter(([name]) => name !== first).map(([name, value]) => [camel(name), value]))
    const owner = (call.startsWith('sources.') ? company.sources : company) as unknown as Record<string, (...given: unknown[]) => Promise<unknown>>
    // What only an object of arguments can say, positions cannot.
    if (call === 'sources.update' || call === 'sources.add') continue
    compared += 1
    let found: Record<string, unknown>
    try {
      const reply = (await owner[camel(call.split('.').pop() as string)]?.(...(first ? [args[first], named] : [named]))) as leo.Answer & Record<string, unknown>
      if (typeof reply === 'object' && reply !== null && 'raiseForStatus' in reply) {
        const json = JSON.parse(JSON.stringify(reply)) as Record<string, unknown>
        const { status, params, table, truncated } = json
        found = { status, text: reply.text, sql: json['sql'] ?? null, params, table: table ?? null, truncated, chart: (json['chart'] as { kind?: string } | undefined)?.kind ?? null }
        if (arrow) {
          assert.deepEqual(Buffer.from(reply.table?.toIPC() ?? []), readFileSync(new URL(`../../../tests/vectors/${arrow}`, import.meta.url)))
          files += 1
        }
        assert.deepEqual(reply.table ? JSON.parse(JSON.stringify(reply.table)) : null, table ?? null, call)
      } else {
        if (reply !== null && typeof reply === 'object') delete (reply as Record<string, unknown>)['micros']
        found = { json: reply }
      }
    } catch (error) {
      if (!(error instanceof leo.LeoError)) throw error
      found = { error: { kind: error.code, findings: error.findings } }
      const { kind, findings, message } = outcome['error'] as { kind: string; findings: unknown; message: string }
      assert.equal(error.message.replace(/`(\w+)`/g, (_, name: string) => `\`${snake(name)}\``).startsWith(message), true, `${error.message} / ${message}`)
      assert.deepEqual(found, { error: { kind, findings } })
      continue
    }
    assert.deepEqual(found, outcome, `${call} ${JSON.stringify(args)}`)
  }
  assert.ok(compared >= 30)
  assert.equal(files, 2)
})

const snake = (name: string) => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
