// What can go wrong: one class for each kind of error, all of them under LeoError.

import type { ErrorKind, Finding } from './schema/output'

/** What a program can do about an error. */
export type ErrorCode = ErrorKind
export type { Finding }

/** Anything that Leo throws. `code` tells a program what to do, the message tells a person. */
export class LeoError extends Error {
  static readonly code: ErrorCode = 'internal'
  readonly code: ErrorCode = (this.constructor as typeof LeoError).code
  /** Facts such as `table` or `file`. */
  readonly context: Readonly<Record<string, string>> = {}
  /** What the guard found, for `rejected` and `needs_approval`. */
  readonly findings: readonly Finding[] = []
  /** Whether the same call may succeed later without anything being changed. */
  readonly retryable: boolean = ['unavailable', 'rate_limited', 'timeout', 'conflict'].includes(this.code)

  constructor(message?: string, options?: ErrorOptions) {
    super(message, options)
    this.name = this.constructor.name
  }
}

/** A setting, path or option is wrong or missing; change the configuration. */
export class ConfigError extends LeoError { static override readonly code = 'config' }
/** The user may not do this; ask whoever grants access. */
export class DeniedError extends LeoError { static override readonly code = 'denied' }
/** The guard refused the statement; `findings` say why. */
export class RejectedError extends LeoError { static override readonly code = 'rejected' }
/** The statement runs only after somebody with the right approves it. */
export class NeedsApprovalError extends LeoError { static override readonly code = 'needs_approval' }
/** The named thing does not exist. */
export class NotFoundError extends LeoError { static override readonly code = 'not_found' }
/** Somebody else holds or changed the thing; look again, then retry. */
export class ConflictError extends LeoError { static override readonly code = 'conflict' }
/** Leo, this build or this source cannot do that. */
export class UnsupportedError extends LeoError { static override readonly code = 'unsupported' }
/** The database, model or storage cannot be reached right now; retry later. */
export class UnavailableError extends LeoError { static override readonly code = 'unavailable' }
/** Too many calls; retry after the stated time. */
export class RateLimitedError extends LeoError { static override readonly code = 'rate_limited' }
/** The statement would cost more than is allowed. */
export class OverBudgetError extends LeoError { static override readonly code = 'over_budget' }
/** The deadline or the command timeout passed. */
export class TimeoutError extends LeoError { static override readonly code = 'timeout' }
/** The call was cancelled, by its signal or by the database. */
export class CancelledError extends LeoError { static override readonly code = 'cancelled' }
/** The handle was closed. */
export class ClosedError extends LeoError { static override readonly code = 'closed' }
/** A stated limit (size, length, memory) was exceeded. */
export class LimitExceededError extends LeoError { static override readonly code = 'limit_exceeded' }
/** Input or stored data does not have the form it must have. */
export class MalformedError extends LeoError { static override readonly code = 'malformed' }
/** Code of your own failed; the cause is what it threw. */
export class AdapterError extends LeoError { static override readonly code = 'adapter' }
/** A defect in Leo; please report it. */
export class InternalError extends LeoError { static override readonly code = 'internal' }

/** The class of each code. */
export const BY_CODE: Readonly<Record<ErrorCode, typeof LeoError>> = {
  config: ConfigError, denied: DeniedError, rejected: RejectedError, needs_approval: NeedsApprovalError, not_found: NotFoundError,
  conflict: ConflictError, unsupported: UnsupportedError, unavailable: UnavailableError, rate_limited: RateLimitedError,
  over_budget: OverBudgetError, timeout: TimeoutError, cancelled: CancelledError, closed: ClosedError,
  limit_exceeded: LimitExceededError, malformed: MalformedError, adapter: AdapterError, internal: InternalError,
}

interface Told {
  kind: ErrorCode
  message: string
  context: Record<string, string>
  findings: Finding[]
  retryable: boolean
  cause?: Told | null
  thrown?: number
}

/** What code of the host's threw, until the error that it led to takes it. */
const thrown = new Map<number, unknown>()
let last = 0

/** Keeps what was thrown, under a number that crosses to the core and back; what nobody fetches makes way. */
export function keep(error: unknown): number {
  last += 1
  thrown.set(last, error)
  for (const [oldest] of thrown) {
    if (thrown.size <= 1_000) break
    thrown.delete(oldest)
  }
  return last
}

/** A name of an option as it is written here. */
function camel(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
}

function made(told: Told): LeoError {
  let cause: unknown = told.cause ? made(told.cause) : undefined
  if (told.thrown !== undefined) {
    cause = thrown.get(told.thrown)
    thrown.delete(told.thrown)
  }
  const { context, findings, retryable } = told
  const facts = Object.entries(context).map(([name, value]) => `${name}=${value}`)
  const text = told.message.includes(' has no option ') ? told.message.replace(/`[a-z]+(?:_[a-z]+)+`/g, camel) : told.message
  const message = facts.length ? `${text} (${facts.join(', ')})` : text
  const error = new (BY_CODE[told.kind] ?? LeoError)(message, cause === undefined ? {} : { cause })
  return Object.assign(error, { context, findings, retryable })
}

/** The exception of what the core threw. */
export function toLeoError(error: unknown): unknown {
  if (error instanceof Error && error.message.startsWith('{"kind"')) {
    return made(JSON.parse(error.message) as Told)
  }
  return error
}

/** `call`, with the exceptions of this package. */
export function sync<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw toLeoError(error)
  }
}
