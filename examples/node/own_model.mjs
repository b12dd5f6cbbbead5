// A model of your own answers what the built-in planner declines. Here it is a function that knows one statement; put your client there.
//
// Needs: askleo.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'askleo'

const RIDES = 'ride,city,minutes\n1,Oslo,12\n2,Oslo,48\n3,Oslo,17\n4,Rome,9\n5,Rome,31\n6,Rome,25\n7,Rome,11\n'
const MEDIAN = `
SELECT city, avg(minutes) AS median_minutes
FROM (SELECT city, minutes, row_number() OVER (PARTITION BY city ORDER BY minutes) AS place, count(*) OVER (PARTITION BY city) AS rides
      FROM rides) AS placed
WHERE place IN ((rides + 1) / 2, (rides + 2) / 2) GROUP BY city ORDER BY city`

/** Gives the JSON that `request.schema` asks for. The request says names and types, never rows. */
async function model(ctx, request) {
  const told = request.messages.at(-1).text
  console.log(`  [model] ${request.purpose}; it is told: ${JSON.stringify(told.slice(0, 60))} ...`)
  if (told.includes('median')) return { output: { sql: MEDIAN, params: [] }, input_tokens: 900, output_tokens: 90, model: 'one-trick' }
  return { output: { sql: 'DELETE FROM rides', params: [] }, model: 'one-trick' }
}

async function show(leo, question) {
  const answer = await leo.ask(question)
  console.log(`${question}\n  ${answer.status}: ${answer.text}`)
  if (answer.table) console.log(`  by ${answer.provenance.planner}, ${answer.usage.tokens} tokens\n${answer.table.toMarkdown()}`)
  for (const warning of answer.warnings) console.log(`  warning: ${warning.message}`)
}

const folder = mkdtempSync(join(tmpdir(), 'askleo-'))
try {
  const path = join(folder, 'rides.csv')
  writeFileSync(path, RIDES)
  const plain = await open(path)
  await show(plain, 'median minutes by city')
  await plain.close()

  console.log('\nWith a model:')
  const leo = await open(path, { model })
  await show(leo, 'average minutes by city') // The built-in planner can do this: nobody asks the model.
  await show(leo, 'median minutes by city')
  await show(leo, 'frobnicate the rides') // What a model writes is trusted no more than anybody's statement.
  await leo.close()
} finally {
  rmSync(folder, { recursive: true })
}
