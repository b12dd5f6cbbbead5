// Hands rows to apache-arrow, and takes a source of your own that gives Arrow.
//
// Needs: askleo, apache-arrow.

import { Int32, Table, tableFromIPC, tableToIPC, Utf8, vectorFromArray } from 'apache-arrow'
import { open, sample } from 'askleo'

const leo = await sample()
const answer = (await leo.ask('revenue by category in 2024')).raiseForStatus()
const arrow = tableFromIPC(answer.table.toIPC())
console.log(String(arrow.schema))

const revenue = arrow.getChild('revenue').toArray() // A Float64Array.
const total = revenue.reduce((sum, one) => sum + one, 0)
for (const row of arrow) console.log(`  ${row.category_name.padEnd(16)} ${((row.revenue / total) * 100).toFixed(1).padStart(5)} %`)

// Results too large to hold come batch by batch. Without `maxRows` a statement gives 5,000 rows.
let [large, rows] = [0, 0]
for await (const batch of leo.sqlStream('SELECT order_id, net_amount FROM order_totals', { maxRows: 100_000 })) {
  const amounts = tableFromIPC(batch.toIPC()).getChild('net_amount').toArray()
  rows += amounts.length
  large += amounts.filter((amount) => amount > 1_000).length
}
console.log(`\n${large} of ${rows} orders are above 1,000`)
await leo.close()

/** Any engine of yours; here it only knows how to add up guests by city. The statements are vetted before it hears of them. */
const visits = {
  id: 'visits',
  dialect: 'sqlite',
  engine: 'arrays',
  tables: () => [{ name: 'visits', columns: [{ name: 'city', type: 'TEXT' }, { name: 'guests', type: 'INTEGER' }] }],
  query(sql) {
    console.log(`\n[visits] ${sql}`)
    const city = vectorFromArray(['Rome', 'Oslo'], new Utf8()) // Text, not a dictionary of texts.
    return tableToIPC(new Table({ city, guests: vectorFromArray([31, 20], new Int32()) }), 'stream')
  },
}
const own = await open(visits)
await own.sync({ profile: false }) // It cannot count values, so nobody asks it to.
const { table } = await own.sql('SELECT city, sum(guests) AS guests FROM visits GROUP BY city ORDER BY guests DESC')
console.log(table.toMarkdown())
await own.close()
