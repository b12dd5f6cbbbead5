// For tests of your own parts.

import { dispatcher, type Storage } from './adapter'
import { toLeoError } from './errors'
import { native } from './native'

/**
 * Checks a storage of your own against the contract that Leo's own ones pass; throws with what it does not hold. Takes some three seconds.
 * The storage need not be empty: the keys are the check's own, and gone afterwards.
 */
export async function checkStorage(storage: Storage): Promise<void> {
  const { dispatch } = dispatcher({ storage }, [])
  const told = await native.checkStorage(dispatch).catch((error: unknown) => {
    throw toLeoError(error)
  })
  const checks = JSON.parse(told) as { name: string; outcome: 'passed' | { failed: string } }[]
  const failed = checks.flatMap(({ name, outcome }) => (outcome === 'passed' ? [] : [`${name}: ${outcome.failed}`]))
  if (checks.length === 0 || failed.length > 0) throw new Error(`the storage does not hold its contract:\n${failed.join('\n')}`)
}
