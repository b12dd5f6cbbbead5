// Every kind of source opens by its URL, and keeps the promises that a person would check first.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as leo from 'askleo'

for (const server of ['postgres', 'mariadb']) {
  const url = process.env[`LEO_TEST_${server.toUpperCase()}_URL`]
  test(`${server} is asked`, { skip: url === undefined && `there is no ${server} server here` }, async () => {
    await using db = await leo.open(url as string)
    assert.deepEqual((await db.ask('how many orders?')).table?.rows(), [[3]])
    const { table } = (await db.sql('SELECT id, day, amount, note FROM orders ORDER BY id')).raiseForStatus()
    assert.deepEqual(table.rows()[0], [1, '2024-01-02', '12.50', 'héllo'])
    assert.equal(table.rows()[1]?.[3], null)
    await assert.rejects(db.sql('DELETE FROM orders'), leo.RejectedError)
    const answers = await Promise.all(Array.from({ length: 20 }, () => db.ask('how many orders?')))
    assert.ok(answers.every((answer) => answer.table?.rows()[0]?.[0] === 3))
    for await (const rows of db.sqlStream('SELECT a.id FROM orders a CROSS JOIN orders b')) {
      assert.ok(rows.numRows > 0)
      break
    }
    assert.equal((await db.ask('how many orders?')).row_count, 1)
  })

  test(`${server} tells a wrong password without it`, { skip: url === undefined }, async () => {
    const wrong = (url as string).replace(/\/\/reader:[^@]*@/, '//reader:wr0ng-s3cret@')
    await assert.rejects(leo.open(wrong), (error: unknown) => error instanceof leo.LeoError && !String(error).includes('wr0ng'))
  })
}
