// Questions with known answers: how many come out right, what a change is worth, which bounds are not held, and a page about it.
//
// Needs: askleo.

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { open } from 'askleo'

const RIDES = 'ride,city,price\n1,Oslo,12\n2,Oslo,17\n3,Oslo,48\n4,Rome,9\n5,Rome,18\n6,Rome,30\n'
const SUITE = `
tags: [rides]
questions:
  - { question: How many rides are there?, gold: SELECT count(*) FROM rides }
  - { question: total price by city, rows: [[Oslo, 77], [Rome, 57]] }
  - { question: takings by city, rows: [[Oslo, 77], [Rome, 57]], tags: [rides, metrics] }
  - { question: Who is the tallest?, tags: [unanswerable] }  # Right is not to answer it.
`
const METRICS = 'metrics: [{ name: takings, table: rides, formula: sum(price) }]'

const percent = (share) => `${(share * 100).toFixed(0)}%`

function tell(name, { report, missed }) {
  console.log(`${name}: ${percent(report.execution_match)} of ${report.questions} questions are right`)
  for (const [tag, share] of Object.entries(report.per_tag)) console.log(`  ${tag}: ${percent(share.correct)} of ${share.questions}`)
  for (const bound of missed) console.log(`  not held: ${bound}`)
}

const folder = mkdtempSync(join(tmpdir(), 'askleo-'))
try {
  const [rides, suite, page] = ['rides.csv', 'suite.yaml', 'report.html'].map((name) => join(folder, name))
  writeFileSync(rides, RIDES)
  writeFileSync(suite, SUITE)
  const leo = await open(rides)
  const before = await leo.evaluate({ path: suite }, { gates: { execution_match: 0.9 } })
  tell('as it is', before)
  // An evaluation is plain data: keep it as JSON, and compare with it in the next build.
  await leo.importKnowledge(METRICS)
  const after = await leo.evaluate({ path: suite }, { gates: { execution_match: 0.9, allowed_drop: 0 }, baseline: before })
  tell('with a metric', after)
  const { fixed, broken, significance } = after.comparison
  console.log(`  mended: ${fixed.map((change) => change.question).join(', ')}; broken: ${broken.length}`)
  console.log(`  four questions are too few to tell it from chance: p = ${significance.p_value.toFixed(2)}`)
  writeFileSync(page, await leo.evaluationHtml(before, { title: 'Rides', suite: { path: suite } }))
  console.log(`a page of ${Math.floor(statSync(page).size / 1000)} kB shows what is not right beside its reference`)
  await leo.close()
} finally {
  rmSync(folder, { recursive: true })
}
