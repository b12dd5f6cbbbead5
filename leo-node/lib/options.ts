// What calls are told, and what handles are made from.

import type { AuditSink, HostSource, Model, Parts, Storage } from './adapter'
import type { Attribute, Gates, Knowledge, SettingsLayer } from './schema/input'
import type * as data from './schema/output'

/** What any call may be told. */
export interface CallOptions {
  /** Cancels the call, in the database too. */
  signal?: AbortSignal | undefined
}

/** How what people said about a source is changed. */
export interface ChangeOptions extends CallOptions {
  /** The version it was made from; another one is a conflict. */
  expected?: number | undefined
  /** Id of the source; needed when there are several. */
  source?: string | undefined
}

/** How a question is asked. */
export interface AskOptions extends CallOptions {
  /** Id of the source; needed when there are several. */
  source?: string | undefined
  /** The day relative windows count from, such as `2024-06-30`, instead of today. */
  asOf?: string | undefined
  /** Rows of the answer at most. */
  maxRows?: number | undefined
  /** Milliseconds for the statement. */
  timeoutMs?: number | undefined
  /** Settings for this call alone; they win over all others. */
  settings?: SettingsLayer | undefined
  /** Id of the conversation that the question belongs to; begun where there is none. */
  session?: string | undefined
}

/** How a statement is run. */
export interface SqlOptions extends CallOptions {
  /** Values of the placeholders, in order. */
  params?: unknown[] | undefined
  /** Id of the source; needed when there are several. */
  source?: string | undefined
  /** Rows of the result at most. */
  maxRows?: number | undefined
  /** Milliseconds for the statement. */
  timeoutMs?: number | undefined
  /** Settings for this call alone; they win over all others. */
  settings?: SettingsLayer | undefined
}

/** How a source is synced. */
export interface SyncOptions extends CallOptions {
  /** Id of the source; needed when there are several. */
  source?: string | undefined
  /** Globs over `schema.table`; empty means all. */
  include?: string[] | undefined
  /** Globs over `schema.table`; they win. */
  exclude?: string[] | undefined
  /** Whether tables are read for statistics. */
  profile?: boolean | undefined
  /** Milliseconds for one table. */
  tableTimeoutMs?: number | undefined
  /** Tables read at a time; 2 unless given. */
  parallel?: number | undefined
  /** Tables, `schema.table`, whose rows are read; what is known of others stays. All unless given. */
  only?: string[] | undefined
}

/** A row of a suite: `question` with `gold`, `rows` or `value`, or `turns`; docs/evaluation.md lists all of its fields. */
export type SuiteRow = Record<string, unknown>

/** A suite of questions: its text (YAML, JSON lines, a JSON list), a list of rows, an object with `questions`, or where its file is. */
export type Suite = string | SuiteRow[] | { path: string } | ({ questions: SuiteRow[] } & Record<string, unknown>)

/** How a suite is asked. */
export interface EvaluateOptions extends CallOptions {
  /** Id of the source that rows ask which name none; needed when there are several. */
  source?: string | undefined
  /** The day relative windows count from, such as `2024-06-30`, instead of today. */
  asOf?: string | undefined
  /** How many rows of the suite are asked, from the first on; all unless given. */
  limit?: number | undefined
  /** Conversations asked at the same time; 2 unless given. */
  workers?: number | undefined
  /** Whether each turn of a conversation is asked as if nothing had come before it. */
  oneByOne?: boolean | undefined
  /** What the run has to reach; what it misses is told as `missed`. */
  gates?: Gates | undefined
  /** What `evaluate` gave earlier, to compare with: the difference is told as `comparison`. */
  baseline?: data.Evaluation | undefined
}

/** How an evaluation is shown as a page. */
export interface EvaluationHtmlOptions extends CallOptions {
  /** The heading. */
  title?: string | undefined
  /** The suite, for its references, which evaluations have not. */
  suite?: Suite | undefined
}

/** A source and how it is used. */
export interface SourceOptions {
  /** Its id; the name of its database or file unless given. */
  id?: string | undefined
  /** Whether statements may run. */
  execution?: boolean | undefined
  /** Settings for questions to this source. */
  settings?: SettingsLayer | undefined
  /** Metrics and synonyms. */
  knowledge?: Knowledge | undefined
  /** Columns with personal data, `table.column` to kind. */
  personalData?: Record<string, string> | undefined
  /** The day relative windows count from, for data that was frozen then. */
  asOf?: string | undefined
}

/** A model behind a service. */
export interface ModelSpec {
  /** The language it speaks: OpenAI's Responses, Anthropic's Messages, or chat completions. */
  protocol: 'openai' | 'anthropic' | 'chat'
  /** The model's name there. */
  model: string
  /** What the paths of the protocol are put behind; the vendor's own unless given. */
  baseUrl?: string | undefined
  /** The key; none for servers that want none. */
  apiKey?: string | undefined
  /** Further headers, for gateways. */
  headers?: Record<string, string> | undefined
  /** Further fields of the request's body, over Leo's own. */
  extra?: Record<string, unknown> | undefined
  /** How the form of the answer is asked for; by JSON schema unless given. */
  output?: 'schema' | 'tool' | 'json' | 'text' | undefined
  /** Whether the answer comes piece by piece. */
  stream?: boolean | undefined
  /** Whether the service may keep what it was asked; OpenAI alone asks. */
  store?: boolean | undefined
  /** Tokens of an answer beyond what a request says, for models that think first. */
  extraOutputTokens?: number | undefined
  /** PEM file of the authority that signed the server's certificate. */
  caFile?: string | undefined
  /** US dollars for a million tokens, where the vendors' lists do not say it. */
  price?: { input: number; cached_input?: number; output: number } | undefined
}

/** A model by its name, by its fields, or one of your own. */
export type ModelChoice = string | ModelSpec | Model | Model['complete']

/** A path, a URL, an ADO string, or an object of fields. */
export type Place = string | Record<string, unknown>

/** How one place is opened. */
export interface OpenOptions extends Omit<SourceOptions, 'settings'>, Pick<Parts, 'authorizer' | 'credentials' | 'embedder' | 'clock'> {
  /** Settings for the whole process. */
  settings?: SettingsLayer | undefined
  /** The file that the audit is written to, or a sink of your own; in memory unless given. */
  audit?: string | AuditSink | undefined
  /** The file that what outlives the process is kept in, made where there is none, or a storage of your own; in memory unless given. */
  storage?: string | Storage | undefined
  /** The environment variable with keys (`id:key,…`) that seal what the storage keeps of rows; nothing of rows is kept without. */
  keys?: string | undefined
  /**
   * Who is asked where the built-in planner has no answer: `openai:gpt-5-mini`, `anthropic:claude-sonnet-4-5`, `chat:NAME@http://localhost:11434/v1`,
   * `replay:FOLDER`, an object of fields, a model of your own, or a list of these, asked one after the other, your own first.
   */
  model?: ModelChoice | ModelChoice[] | undefined
  /** The folder that what models answer is recorded in, to be played again by `replay:FOLDER`. */
  recordModels?: string | undefined
  /** Milliseconds that parts of your own have for one call. */
  adapterTimeoutMs?: number | undefined
}

/** What a handle is built from. */
export interface LeoOptions extends Omit<Parts, 'audit' | 'storage' | 'model'> {
  /** `embedded` (tenants and untrusted users) unless it is `local` (one trusted person). */
  preset?: 'local' | 'embedded' | undefined
  /** The sources for all tenants. */
  sources?: (string | (SourceOptions & { place: Place | HostSource }) | HostSource)[] | undefined
  /** Settings for the whole process. */
  settings?: SettingsLayer | undefined
  /** Whether statements may run at sources that do not say so themselves. */
  execution?: boolean | undefined
  /** The user calls are made for where none is bound, in the preset `local`. */
  identity?: UserOptions | undefined
  /** The file that the audit is written to, or a sink of your own. */
  audit?: string | AuditSink | undefined
  /** The file that what outlives the process is kept in, made where there is none, or a storage of your own; in memory unless given. */
  storage?: string | Storage | undefined
  /** The environment variable with keys (`id:key,…`) that seal what the storage keeps of rows; nothing of rows is kept without. */
  keys?: string | undefined
  /**
   * Who is asked where the built-in planner has no answer: `openai:gpt-5-mini`, `anthropic:claude-sonnet-4-5`, `chat:NAME@http://localhost:11434/v1`,
   * `replay:FOLDER`, an object of fields, a model of your own, or a list of these, asked one after the other, your own first.
   */
  model?: ModelChoice | ModelChoice[] | undefined
  /** The folder that what models answer is recorded in, to be played again by `replay:FOLDER`. */
  recordModels?: string | undefined
  /** Milliseconds that parts of your own have for one call. */
  adapterTimeoutMs?: number | undefined
}

/** Who asks. */
export interface UserOptions {
  tenant: string
  user: string
  roles?: string[] | undefined
  /** Attributes for row filters. */
  attributes?: Record<string, Attribute> | undefined
  timeZone?: string | undefined
  locale?: string | undefined
  now?: string | Date | undefined
  session?: string | undefined
  client?: { address?: string; agent?: string } | undefined
  traceParent?: string | undefined
  timeoutMs?: number | undefined
}

/** A source in a list. */
export type SourceInfo = data.SourceInfo
