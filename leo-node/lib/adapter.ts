// Parts of the host's own: objects with methods, or plain functions, sync or async. What they throw reaches the caller and nothing else.

import { encode } from './data'
import { ConfigError, LeoError, keep } from './errors'
import type { Dispatch } from './native'
import type { Access, Dialect, HostTable, ModelResponse, TablePolicy } from './schema/input'
import type { AccessRequest, AuditEvent, HostContext, ModelRequest } from './schema/output'

export type { Access, AccessRequest, HostContext, ModelRequest, ModelResponse, TablePolicy }

type Awaitable<T> = T | Promise<T>

/** Decides what a user may do and see; throw a DeniedError to let nobody in. */
export interface Authorizer {
  authorize(ctx: HostContext, request: AccessRequest): Awaitable<Access>
}

/** Receives audit events; a statement runs only when its event was taken. */
export interface AuditSink {
  append(events: AuditEvent[]): Awaitable<void>
  flush(): Awaitable<void>
}

/** Says what a source is: a path, a URL, an object of fields, or null where there is none. */
export interface SourceResolver {
  resolve(ctx: HostContext, source: string): Awaitable<string | Record<string, unknown> | null>
}

/** Gives the login of a source each time one is needed. */
export interface CredentialProvider {
  credential(ctx: HostContext, source: string): Awaitable<{ login: Record<string, unknown> | string; expires_at?: string | null }>
}

/** A language model, asked where the built-in planner has no answer. */
export interface Model {
  complete(ctx: HostContext, request: ModelRequest): Awaitable<ModelResponse | string>
}

/** Texts as vectors. */
export interface Embedder {
  embed(ctx: HostContext, texts: string[]): Awaitable<number[][]>
}

/** What time it is. */
export interface Clock {
  now(): Awaitable<Date | string>
}

/** Where Leo keeps what outlives the process. Throw a ConflictError where a key has another version than the one expected. */
export interface Storage {
  get(key: string): Awaitable<{ value: Uint8Array; version: number } | null>
  /** Keeps a value and gives its version; with `expected`, only where the key has that version, 0 for none. */
  put(key: string, value: Uint8Array, options: { expected: number | null; ttl_ms: number | null }): Awaitable<number>
  delete(key: string, expected: number | null): Awaitable<void>
  /** The first `limit` keys that begin with `prefix` and come behind `after`, in the order of their bytes. */
  list_page(prefix: string, after: string | null, limit: number): Awaitable<string[]>
}

/** A source that your own code reads. */
export interface HostSource {
  id: string
  dialect: Dialect
  engine?: string
  /** The schema that a bare name means, where it is not the dialect's usual one. */
  defaultSchema?: string
  /** What there is to ask about. */
  tables(): Awaitable<HostTable[]>
  /** Runs one statement; gives rows, or bytes of an Arrow IPC stream. */
  query(sql: string, params: unknown[]): Awaitable<Rows | Uint8Array>
  /** Stops a statement of which nobody wants more rows. */
  cancel?(): Awaitable<void>
  close?(): Awaitable<void>
}

/** Rows as people write them. */
export interface Rows {
  columns: string[]
  rows: unknown[][]
}

/** What a host may implement itself. */
export interface Parts {
  authorizer?: Authorizer | Authorizer['authorize'] | undefined
  audit?: AuditSink | undefined
  resolver?: SourceResolver | SourceResolver['resolve'] | undefined
  credentials?: CredentialProvider | CredentialProvider['credential'] | undefined
  storage?: Storage | undefined
  clock?: Clock | Clock['now'] | undefined
  model?: Model | Model['complete'] | undefined
  embedder?: Embedder | Embedder['embed'] | undefined
}

const METHODS: Record<keyof Parts, string[]> = {
  authorizer: ['authorize'],
  audit: ['append', 'flush'],
  resolver: ['resolve'],
  credentials: ['credential'],
  storage: ['get', 'put', 'delete', 'list_page'],
  clock: ['now'],
  model: ['complete'],
  embedder: ['embed'],
}

type Method = (...args: never[]) => unknown

/** The names of the given parts, and the one function that calls them. */
export function dispatcher(parts: Parts, sources: HostSource[]): { names: string[]; dispatch: Dispatch } {
  const given = new Map<string, Record<string, Method>>()
  for (const [name, methods] of Object.entries(METHODS)) {
    const part = parts[name as keyof Parts]
    if (part !== undefined && part !== null) given.set(name, checked(name, part, methods))
  }
  for (const source of sources) given.set(`source:${source.id}`, connector(source))
  const dispatch: Dispatch = async (part, method, args) => {
    try {
      const called = given.get(part)?.[method]
      const value = await (called as (...args: unknown[]) => unknown)(...(JSON.parse(args, revived) as unknown[]))
      if (value instanceof Uint8Array) return Buffer.from(value)
      return encode({ value: value ?? null })
    } catch (error) {
      const cause = keep(error)
      const name = error instanceof Error ? error.name : typeof error
      const own = error instanceof LeoError ? { kind: error.code, message: error.message } : { name }
      return JSON.stringify({ thrown: { ...own, cause } })
    }
  }
  return { names: [...given.keys()], dispatch }
}

/** Bytes as bytes. */
function revived(_: string, value: unknown): unknown {
  const bytes = value as { bytes?: unknown } | null
  if (typeof value === 'object' && typeof bytes?.bytes === 'string' && Object.keys(value as object).length === 1) return Buffer.from(bytes.bytes, 'hex')
  return value
}

function checked(name: string, part: unknown, methods: string[]): Record<string, Method> {
  const [first] = methods
  if (typeof part === 'function') {
    if (methods.length > 1) throw new ConfigError(`\`${name}\` is an object with the method \`${first}\`, not a function`)
    return { [first as string]: part as Method }
  }
  const object = part as Record<string, Method>
  const missing = methods.find((method) => typeof object[method] !== 'function')
  if (missing) throw new ConfigError(`\`${name}\` needs a method \`${missing}\``)
  return Object.fromEntries(methods.map((method) => [method, (...args: never[]) => object[method]!(...args)]))
}

/** What the core calls: a source with its statements by number. */
function connector(source: HostSource): Record<string, Method> {
  return {
    async introspect() {
      return { dialect: source.dialect, default_schema: source.defaultSchema ?? null, tables: await source.tables() }
    },
    start: ((_: HostContext, request: { sql: string; params: unknown[] }) => source.query(request.sql, request.params)) as Method,
    next: () => null,
    stop: () => source.cancel?.(),
    close: () => source.close?.(),
  }
}
