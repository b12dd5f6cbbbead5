// The programs in examples/node run and say what they are there to show.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const { copyFileSync, mkdirSync, readdirSync, readFileSync } = require('node:fs')
const { join } = require('node:path')
const { test } = require('node:test')

const EXAMPLES = join(__dirname, '..', '..', 'examples', 'node')
// A folder of the package's own, from where `askleo` is the package itself.
const FOLDER = join(__dirname, '..', 'build', 'examples')

/** A line of each program's output. */
const TELLING = {
  first_question: 'Tarn Tarp Pro has the highest revenue',
  own_table_policy: 'eve of acme is not let in: you are no member here',
  streaming_with_cancel: 'cancelled, at once',
  own_model: 'by model, 990 tokens',
  cassette: 'where the nearest recorded one says',
  evaluation: 'right of all is 75.0 %, and has to be 90.0 % at least',
  arrow_hand_over: '| Rome | 31 |',
}

function run(name) {
  mkdirSync(FOLDER, { recursive: true })
  const program = join(FOLDER, `${name}.mjs`)
  copyFileSync(join(EXAMPLES, `${name}.mjs`), program)
  return spawnSync(process.execPath, [program], { timeout: 120_000, encoding: 'utf8' })
}

test('each program is run', () => {
  const programs = readdirSync(EXAMPLES).filter((name) => name.endsWith('.mjs'))
  assert.deepEqual(programs.sort(), Object.keys(TELLING).map((name) => `${name}.mjs`).sort())
})

for (const [name, telling] of Object.entries(TELLING)) {
  test(`${name} runs`, () => {
    assert.ok(readFileSync(join(EXAMPLES, `${name}.mjs`), 'utf8').split('\n').length <= 61)
    const { status, stdout, stderr } = run(name)
    assert.deepEqual([status, stderr], [0, ''], stdout)
    assert.ok(stdout.includes(telling), stdout)
  })
}

test('tenants see their own rows alone', () => {
  const { stdout } = run('own_table_policy')
  const [nora, rest] = stdout.split('sven of globex')
  const [sven] = rest.split('tim of acme')
  assert.ok(nora.includes('Ada Byron') && !nora.includes('Grace Hopper'))
  assert.ok(sven.includes('Grace Hopper') && !sven.includes('Ada Byron'))
  assert.ok(!stdout.includes('@example'))
})
