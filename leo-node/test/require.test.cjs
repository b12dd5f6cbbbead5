// The package by `require`, and that both ways give one package.

const assert = require('node:assert/strict')
const { test } = require('node:test')
const { spawnSync } = require('node:child_process')
const leo = require('askleo')

test('both ways give one package', async () => {
  const imported = await import('askleo')
  assert.equal(imported.Leo, leo.Leo)
  assert.equal(imported.LeoError, leo.LeoError)
  assert.deepEqual(Object.keys(imported).filter((name) => name !== 'default').sort(), Object.keys(leo).sort())
})

test('what this build contains', () => {
  const { version, sources } = leo.features()
  assert.match(version, /^\d+\.\d+\.\d+/)
  assert.ok(sources.includes('sqlite') && sources.includes('postgres'))
})

test('a process with an open handle and parts ends by itself', () => {
  const code = `const leo = require('askleo'); (async () => {
    const db = await leo.Leo.build({ preset: 'local', authorizer: () => ({}), audit: { append() {}, flush() {} } })
    console.log(String(db.sources !== undefined)) })()`
  const run = spawnSync(process.execPath, ['-e', code], { timeout: 20_000, encoding: 'utf8', cwd: `${__dirname}/..` })
  assert.deepEqual([run.status, run.stdout, run.stderr], [0, 'true\n', ''])
})

test('a process that ends during a call', () => {
  const code = `const leo = require('askleo'); leo.sample().then((db) => { db.ask('revenue by month'); setTimeout(() => process.exit(7), 2) })`
  const run = spawnSync(process.execPath, ['-e', code], { timeout: 20_000, encoding: 'utf8', cwd: `${__dirname}/..` })
  assert.deepEqual([run.status, run.stderr], [7, ''])
})
