// Parts of the host's own: objects with methods, or plain functions, sync or async. What they throw reaches the caller and nothing else.

import { encode } from './data'
import { ConfigError, LeoError, keep } from './errors'
import type { Dispatch } from './native'

/** Who asks, as parts of the host's see it. */
export interface HostContext {
  tenant: string
  user: string
  roles: string[]
  attributes: Record<string, unknown>
  time_zone: string
  locale: string
  now: string
  session: string | null
  client: { address: string | null; agent: string | null }
  trace_parent: string | null
}

/** What a user may see of a source; `{}` is everything. */
export interface Access {
  allow_tables?: string[] | null
  deny_tables?: string[]
  tables?: Record<string, TablePolicy>
  mask_key?: string | null
  show_personal_data?: boolean | null
  min_group_size?: number | null
}

/** Restrictions inside one table. */
export interface TablePolicy {
  deny_columns?: string[]
  row_filter?: string | null
  masks?: Record<string, 'null' | 'redact' | 'partial' | 'hash'>
  past_versions?: boolean
}

export interface AccessRequest {
  action: 'ask' | 'browse' | 'manage_sources' | 'read_audit' | 'export_audit'
  source: string
}

type Awaitable<T> = T | Promise<T>

/** Decides what a user may do and see; throw a DeniedError to let nobody in. */
export interface Authorizer {
  authorize(ctx: HostContext, request: AccessRequest): Awaitable<Access>
}

/** Receives audit events; a statement runs only when its event was taken. */
export interface AuditSink {
  append(events: Record<string, unknown>[]): Awaitable<void>
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

/** A source that your own code reads. */
export interface HostSource {
  id: string
  dialect: 'sqlite' | 'postgres' | 'mysql' | 'tsql' | 'bigquery' | 'datafusion'
  engine?: string
  /** The schema that a bare name means, where it is not the dialect's usual one. */
  defaultSchema?: string
  /** What there is to ask about. */
  tables(): Awaitable<Record<string, unknown>[]>
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
}

const METHODS: Record<keyof Parts, string[]> = {
  authorizer: ['authorize'],
  audit: ['append', 'flush'],
  resolver: ['resolve'],
  credentials: ['credential'],
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
      const value = await (called as (...args: unknown[]) => unknown)(...(JSON.parse(args) as unknown[]))
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
