// Every block of JavaScript in the package's README runs as a program of its own, beside a small database.

const assert = require('node:assert/strict')
const { execFileSync, spawnSync } = require('node:child_process')
const { mkdirSync, readFileSync, rmSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')
const { test } = require('node:test')
const leo = require('askleo')

const README = readFileSync(join(__dirname, '..', 'README.md'), 'utf8')
const SALES = join(__dirname, '..', '..', 'tests', 'vectors', 'sales.sql')
// A folder of the package's own, from where `askleo` is the package itself.
const FOLDER = join(__dirname, '..', 'build', 'readme')

/** Fenced blocks of a language. */
function blocks(language) {
  return [...README.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, 'gm'))].map((match) => match[1])
}

test('its code runs', async (t) => {
  rmSync(FOLDER, { recursive: true, force: true })
  mkdirSync(FOLDER, { recursive: true })
  // Node 20 has no SQLite of its own, and Python everywhere has.
  const script = 'import sqlite3, sys; sqlite3.connect("sales.db").executescript(open(sys.argv[1], encoding="utf-8").read())'
  execFileSync('python3', ['-c', script, SALES], { cwd: FOLDER })
  const programs = blocks('js')
  assert.ok(programs.length >= 5)
  for (const [number, code] of programs.entries()) {
    await t.test(`block ${number + 1}`, () => {
      const program = join(FOLDER, `block${number + 1}.mjs`)
      writeFileSync(program, code)
      const { status, stdout, stderr } = spawnSync(process.execPath, [program], { cwd: FOLDER, timeout: 60_000, encoding: 'utf8' })
      assert.deepEqual([status, stderr], [0, ''], stdout)
      // The answer that it shows is the one that comes.
      if (number === 0) assert.ok(stdout.startsWith(blocks('text')[0].split('…')[0]), stdout)
    })
  }
})

test("the code in the project's README runs", () => {
  const folder = join(FOLDER, 'project')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const script = `
import sqlite3, sys
connection = sqlite3.connect("sales.db")
connection.executescript(open(sys.argv[1], encoding="utf-8").read())
connection.executescript("ALTER TABLE orders RENAME COLUMN amount TO revenue; UPDATE orders SET ordered_on = date('now', '-' || (id * 3) || ' days')")
`
  execFileSync('python3', ['-c', script, SALES], { cwd: folder })
  const project = readFileSync(join(__dirname, '..', '..', 'README.md'), 'utf8')
  const [code, ...others] = [...project.matchAll(/^```js\n([^]*?)^```$/gm)]
  assert.equal(others.length, 0)
  writeFileSync(join(folder, 'block.mjs'), code[1])
  const { status, stdout, stderr } = spawnSync(process.execPath, ['block.mjs'], { cwd: folder, timeout: 60_000, encoding: 'utf8' })
  assert.deepEqual([status, stderr], [0, ''], stdout)
  assert.match(stdout, /Grace Hopper/)
})

test('the first answer comes early', () => {
  const [shown] = blocks('text')
  assert.ok(README.slice(0, README.indexOf(shown) + shown.length).split('\n').length <= 40)
})

test('it names every error and every part', () => {
  const classes = Object.entries(leo).filter(([, value]) => value?.prototype instanceof leo.LeoError)
  assert.equal(classes.length, 17)
  for (const [name, Class] of classes) assert.ok(README.includes(`| \`${name}\` | \`${new Class('').code}\` |`), name)
  const { parts, statuses } = JSON.parse(readFileSync(join(__dirname, '..', '..', 'tests', 'vectors', 'surface.json'), 'utf8'))
  parts.source = { tables: [], query: ['sql', 'params'], cancel: [], close: [] }
  for (const [part, methods] of Object.entries(parts)) {
    const row = README.split('\n').find((line) => line.startsWith(`| \`${part}\` |`) || line.startsWith(`| a ${part}: `))
    for (const [method, named] of Object.entries(methods)) assert.ok(row?.includes(`\`${method}(${named.join(', ')})\``), `${part}.${method}`)
  }
  for (const status of statuses) assert.ok(status === 'answered' || README.includes(`\`${status}\``), status)
})
