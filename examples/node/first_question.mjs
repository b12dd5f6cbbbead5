// Asks the sample company, and looks at what comes with an answer.
//
// Needs: askleo.

import { sample, UnsupportedError } from 'askleo'

const leo = await sample()
const answer = (await leo.ask('top 5 products by revenue in 2024')).raiseForStatus()
console.log(`${answer.text}\n`)

// The rows are JavaScript values: numbers, bigint beyond 2^53, text for dates and exact decimals.
for (const [product, revenue] of answer.table) {
  console.log(`  ${product.padEnd(24)} ${revenue.toFixed(2).padStart(12)}`)
}

// What ran, with its values written in, for people to read. What was sent has placeholders: `answer.sql`, `answer.params`.
console.log(`\n${answer.sql_with_values}`)
console.log(`\nconfidence ${answer.confidence.toFixed(2)}, planner ${answer.provenance.planner}`)

// A question without an answer is no error: the status and the text say why.
for (const question of ['which orders are late?', 'What is the meaning of life?']) {
  const { status, text } = await leo.ask(question)
  console.log(`\n${question}\n  ${status}: ${text}`)
}

// Whoever wants only answers asks for an error instead.
try {
  const late = await leo.ask('which orders are late?')
  late.raiseForStatus()
} catch (error) {
  if (!(error instanceof UnsupportedError)) throw error
  console.log(`\n${error.name}: ${error.message}`)
}
await leo.close()
