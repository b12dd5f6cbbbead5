// For tests of your own parts, and of what you build on models.

import { existsSync } from 'node:fs'

import { dispatcher, type Storage } from './adapter'
import { toLeoError } from './errors'
import type { ModelChoice, OpenOptions } from './options'
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

/**
 * What a model answered, recorded in a folder and played in tests: `Leo.open(place, { ...cassette(folder, 'openai:gpt-5-mini') })`. It plays where the
 * folder is there, and records `model` where it is not, or where the environment variable LEO_RECORD is set.
 */
export function cassette(folder: string, model?: ModelChoice | ModelChoice[], record?: boolean): Pick<OpenOptions, 'model' | 'recordModels'> {
  const records = record ?? (Boolean(process.env.LEO_RECORD) || !existsSync(folder))
  return records && model !== undefined ? { model, recordModels: folder } : { model: `replay:${folder}` }
}
