// Plain data as it crosses: JSON, with what JSON cannot say in forms that the core reads.

import { ConfigError } from './errors'

/** Arguments as JSON text. `bigint` stays exact, dates become ISO text, bytes hexadecimal digits, names snake_case. */
export function encode(args: object): string {
  return write(plain(args, []))
}

/** JSON text in which a `bigint` is a whole number with all its digits. */
function write(value: unknown): string {
  if (typeof value === 'bigint') return value.toString()
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value).filter(([, item]) => item !== undefined)
    return `{${fields.map(([name, item]) => `${JSON.stringify(name)}:${write(item)}`).join(',')}}`
  }
  return value === undefined ? 'null' : JSON.stringify(value)
}

function plain(value: unknown, seen: unknown[]): unknown {
  switch (typeof value) {
    case 'bigint':
      return BigInt.asIntN(64, value) === value ? value : { decimal: value.toString() }
    case 'number':
      if (!Number.isFinite(value)) throw new ConfigError('a number is neither infinite nor NaN; use null for no value')
      return value
    case 'function':
    case 'symbol':
      throw new ConfigError(`a ${typeof value} is no plain data`)
    case 'object':
      break
    default:
      return value
  }
  if (value === null) return null
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw new ConfigError('a date is not valid')
    return value.toISOString()
  }
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('hex') }
  if (seen.includes(value)) throw new ConfigError('the data holds itself')
  if (seen.length > 64) throw new ConfigError('the data is nested more than 64 levels deep')
  seen.push(value)
  let copy: unknown
  if (Array.isArray(value)) {
    copy = value.map((item) => plain(item, seen))
  } else if (value instanceof Map) {
    copy = Object.fromEntries([...value].map(([name, item]) => [String(name), plain(item, seen)]))
  } else {
    copy = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, plain(item, seen)]))
  }
  seen.pop()
  return copy
}
