// What a model answered is recorded once and played from then on: tests with a model that need no key, no network, and always come out the same.
//
// Needs: askleo.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { cassette, open } from 'askleo'

const RIDES = 'ride,city,minutes\n1,Oslo,12\n2,Oslo,48\n3,Rome,9\n'
const QUESTION = 'interquartile spread of the minutes, please'

/** Stands for the model that you record: `'openai:gpt-5-mini'`, say. */
function complete() {
  console.log('  [model] asked')
  return { output: { sql: 'SELECT max(minutes) - min(minutes) AS spread FROM rides', params: [] }, model: 'one-trick' }
}

const folder = mkdtempSync(join(tmpdir(), 'askleo-'))

/** Prompts tell the day: fix it, and the same question is the same request tomorrow. */
function opened() {
  // Keep the cassette's folder beside your tests; LEO_RECORD=1 records it anew.
  return open(join(folder, 'rides.csv'), { ...cassette(join(folder, 'cassette'), complete), asOf: '2024-06-30' })
}

async function ask(leo) {
  const answer = await leo.ask(QUESTION)
  console.log(`  ${answer.status}, by ${answer.provenance.planner}: ${answer.text}`)
  await leo.close()
}

try {
  writeFileSync(join(folder, 'rides.csv'), RIDES)
  console.log('recording')
  await ask(await opened())
  console.log('playing')
  await ask(await opened())
  const leo = await opened()
  const missed = await leo.ask('interquartile spread of the rides, please')
  console.log(`another question: ${missed.warnings.at(-1).message}`)
  await leo.close()
} finally {
  rmSync(folder, { recursive: true })
}
