// Two tenants ask one table: each sees their own rows, addresses cut, no amounts for trainees; everything is on record.
//
// Needs: askleo.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DeniedError, Leo } from 'askleo'

const ORDERS = `tenant,customer,email,region,amount
acme,Ada Byron,ada@example.com,north,120
acme,Alan Kay,alan@example.com,south,80
globex,Grace Hopper,grace@example.com,north,300
globex,Edsger Dijkstra,edsger@example.com,west,45
`
const USERS = [['acme', 'nora', 'member'], ['globex', 'sven', 'member'], ['acme', 'tim', 'trainee'], ['acme', 'eve', 'guest']]

/** Called for each question: what this user may see of `request.source`. It may be async. */
function authorizer(ctx, request) {
  const [role] = ctx.roles
  if (role !== 'member' && role !== 'trainee') throw new DeniedError('you are no member here; ask Ada for access')
  const hidden = role === 'trainee' ? ['tenant', 'amount'] : ['tenant']
  const orders = { row_filter: 'tenant = :company', masks: { email: 'partial' }, deny_columns: hidden }
  return { tables: { orders }, show_personal_data: true } // Names of their own customers are theirs to see.
}

/** Keeps what happened. A statement runs only when its event was taken. */
const audit = {
  events: [],
  append(events) {
    this.events.push(...events)
  },
  flush() {},
}

const folder = mkdtempSync(join(tmpdir(), 'askleo-'))
try {
  const place = join(folder, 'orders.csv')
  writeFileSync(place, ORDERS)
  const leo = await Leo.build({ sources: [{ place, execution: true }], authorizer, audit })
  for (const [tenant, user, role] of USERS) {
    const asking = leo.forUser({ tenant, user, roles: [role], attributes: { company: tenant } })
    try {
      console.log(`${user} of ${tenant}: ${(await asking.ask('total amount by region')).text}`)
      const { table } = await asking.sql('SELECT customer, email FROM orders ORDER BY customer')
      console.log(table.toMarkdown())
    } catch (error) {
      if (!(error instanceof DeniedError)) throw error
      console.log(`${user} of ${tenant} is not let in: ${error.message}\n`)
    }
  }
  await leo.close()
} finally {
  rmSync(folder, { recursive: true })
}

for (const event of audit.events) {
  if (event.action !== 'statement' || event.purpose === 'profile') continue // Leo reads statistics once, on its own.
  console.log(`${event.tenant}/${event.user}: ${event.sql}`)
}
