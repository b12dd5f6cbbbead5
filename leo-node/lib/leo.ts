// The handle. Each method is one call of the core.

import { dispatcher, type HostSource, type Model, type Parts } from './adapter'
import { answer, snake, type Answer } from './answer'
import { encode } from './data'
import { CancelledError, ConfigError, sync, toLeoError } from './errors'
import { native, type Dispatch, type NativeAnswer, type NativeBatches, type NativeCancel, type NativeEvents, type NativeHandle } from './native'
import type { CallOptions, ChangeOptions, AskOptions, SqlOptions, SyncOptions, Suite, EvaluateOptions, EvaluationHtmlOptions, SourceOptions, ModelSpec, ModelChoice, Place, OpenOptions, LeoOptions, UserOptions, SourceInfo } from './options'
import { Batches, Events, type AskEvent, type SyncEvent } from './stream'
import type { Knowledge, OnFailure, PersonalDecision, SemanticQuery, SettingsLayer } from './schema/input'
import type * as data from './schema/output'

/** What each way of calling gives. */
interface Made {
  answer: NativeAnswer
  data: string
  events: NativeEvents
  batches: NativeBatches
}

/** Ask your data: the handle to sources, questions and their answers. */
export class Leo implements AsyncDisposable {
  readonly #handle: NativeHandle
  /** The sources: add, list, change, test and remove them. */
  readonly sources: Sources
  /** What was asked before: list, look at, rename, pin, delete and export conversations. */
  readonly sessions: Sessions
  /** Questions that are answered later: list, look at, redeem and cancel their tickets. */
  readonly tickets: Tickets

  private constructor(handle: NativeHandle) {
    if (typeof handle?.forUser !== 'function') throw new ConfigError('a Leo is made by `Leo.open`, `Leo.build` or `Leo.sample`')
    this.#handle = handle
    this.sources = new Sources((name, args) => this.#data(name, args, {}))
    this.sessions = new Sessions((name, args) => this.#data(name, args, {}))
    this.tickets = new Tickets((name, args) => this.#data(name, args, {}), (name, args, options) => this.#answer(name, args, options))
  }

  /** Opens what a path or URL names: a SQLite file, CSV, JSON or Excel files or a folder of them, a database server, or a source of your own. */
  static async open(place: string | HostSource, options: OpenOptions = {}): Promise<Leo> {
    if (typeof place !== 'string') {
      const { settings, adapterTimeoutMs, authorizer, credentials, model, recordModels, embedder, clock, audit, storage, keys, ...source } = options
      const own = { authorizer, credentials, model, recordModels, embedder, clock }
      return Leo.build({ preset: 'local', sources: [{ ...source, place }], settings, adapterTimeoutMs, audit, storage, keys, ...own })
    }
    return Leo.#opened(options, (told, names, dispatch) => native.Handle.open(place, told, names, dispatch))
  }

  /** A handle on one place. */
  static #opened(options: OpenOptions, open: (told: string, names: string[], dispatch: Dispatch) => Promise<NativeHandle>): Promise<Leo> {
    return caught(async () => {
      const { authorizer, credentials, model, embedder, clock, audit, storage, ...plain } = options
      const models = split(model)
      const parts = dispatcher({ authorizer, credentials, model: models.own, embedder, clock, audit: own(audit), storage: own(storage) }, [])
      const told = encode({ ...snake({ ...plain, audit: file(audit), storage: file(storage) }), model: models.plain })
      return new Leo(await open(told, parts.names, parts.dispatch))
    })
  }

  /** Builds a handle from parts. The preset is `embedded` unless set: it needs an `authorizer`, an `audit`, and a user for each call. */
  static async build(options: LeoOptions = {}): Promise<Leo> {
    return caught(async () => {
      const { authorizer, audit, resolver, credentials, storage, clock, model, embedder, sources = [], identity, ...plain } = options
      const read: HostSource[] = []
      const entries = sources.map((source) => entry(source, read))
      const models = split(model)
      const named = { authorizer, resolver, credentials, clock, model: models.own, embedder }
      const parts = dispatcher({ ...named, audit: own(audit), storage: own(storage) }, read)
      const told = { ...snake(plain), model: models.plain, sources: entries, identity: identity && snake(identity), audit: file(audit), storage: file(storage) }
      return new Leo(await native.Handle.build(encode(told), parts.names, parts.dispatch))
    })
  }

  /** Opens the sample company, a small database to try things on; `samplePath()` says where the file is. */
  static async sample(options: OpenOptions = {}): Promise<Leo> {
    return Leo.#opened(options, (told, names, dispatch) => native.Handle.sample(told, names, dispatch))
  }

  /** The same handle for a user: everything asked through it is authorised, limited and recorded as theirs. */
  forUser(user: UserOptions): Leo {
    return sync(() => new Leo(this.#handle.forUser(encode(snake(user)))))
  }

  /** Answers a question. Anything about the question is a `status` of the answer; an error is thrown only when the call could not be served. */
  async ask(question: string, options: AskOptions = {}): Promise<Answer> {
    return this.#answer('ask', { question }, options)
  }

  /** Answers a question, telling as each stage begins and ends; the last event holds the answer. */
  askStream(question: string, options: AskOptions = {}): Events<AskEvent> {
    return new Events<AskEvent>(() => this.#call('events', 'ask_stream', { question }, options))
  }

  /** Answers a semantic query: the option of a clarification, a saved query. */
  async askQuery(query: SemanticQuery, options: AskOptions = {}): Promise<Answer> {
    return this.#answer('ask_query', { query }, options)
  }

  /** Runs a statement through the same guard and gate as any other; throws a RejectedError where it may not run. */
  async sql(text: string, options: SqlOptions = {}): Promise<Answer> {
    return this.#answer('sql', { text }, options)
  }

  /** Runs a statement through the guard and hands out its rows as they come. */
  sqlStream(text: string, options: SqlOptions = {}): Batches {
    return new Batches(() => this.#call('batches', 'sql_stream', { text }, options))
  }

  /** Vets a statement without running it: `verdict`, `findings`, `rewritten`, what it reads. */
  async vet(text: string, options: SqlOptions = {}): Promise<data.Vetting> {
    return this.#data('vet', { text }, options)
  }

  /** The source columns that each output column of a statement derives from. */
  async lineage(text: string, options: SqlOptions = {}): Promise<data.OutputColumn[]> {
    return this.#data('lineage', { text }, options)
  }

  /** What is known about a source, as far as the user may see it. */
  async catalog(options: CallOptions & { source?: string | undefined } = {}): Promise<data.Catalog> {
    return this.#data('catalog', {}, options)
  }

  /** Tables and columns of a source that fit `words`, best first. */
  async search(words: string, options: CallOptions & { source?: string | undefined; limit?: number | undefined } = {}): Promise<data.Hit[]> {
    return this.#data('search', { words }, options)
  }

  /** What a source holds at a glance: its tables, how new and how good their rows are, where to begin, what can be asked. */
  async map(options: CallOptions & { source?: string | undefined } = {}): Promise<data.DataMap> {
    return this.#data('map', {}, options)
  }

  /** A table in detail. With `sample`, some of its rows are read like those of any statement; personal data in them is replaced. */
  async mapTable(
    table: string,
    options: CallOptions & { sample?: number | undefined; source?: string | undefined } = {},
  ): Promise<data.TableDetail> {
    return this.#data('map_table', { table }, options)
  }

  /** How tables are joined: all of them, or those around one. */
  async mapGraph(
    options: CallOptions & { around?: string | undefined; joins?: number | undefined; source?: string | undefined } = {},
  ): Promise<data.MapGraph> {
    return this.#data('map_graph', {}, options)
  }

  /** How good the rows are, worst table first, with the statements that count what is wrong. */
  async mapQuality(options: CallOptions & { source?: string | undefined } = {}): Promise<data.QualityOverview> {
    return this.#data('map_quality', {}, options)
  }

  /** The map as text: one page of HTML to be looked through in a browser, the join graph for other programs, or DDL. */
  async exportMap(
    form: 'html' | 'mermaid' | 'dot' | 'json' | 'ddl',
    options: CallOptions & {
      around?: string | undefined
      joins?: number | undefined
      sample?: number | undefined
      source?: string | undefined
    } = {},
  ): Promise<string> {
    return this.#data('export_map', { form }, options)
  }

  /** Reads a source's structure, statistics and relationships anew. */
  async sync(options: SyncOptions = {}): Promise<data.Catalog> {
    return this.#data('sync', {}, options)
  }

  /** `sync`, telling how far it is; the last event holds the catalog. */
  syncStream(options: SyncOptions = {}): Events<SyncEvent> {
    return new Events<SyncEvent>(() => this.#call('events', 'sync_stream', {}, options))
  }

  /** How far the sync of a source is, or how the last one went: with the tables that could not be read, and why. */
  async syncStatus(options: CallOptions & { source?: string | undefined } = {}): Promise<data.SyncStatus> {
    return this.#data('sync_status', {}, options)
  }

  /**
   * Does something about tables that a sync could not read, all of them or those named: `retry`, `retry_with_sampling` (their first rows alone, in
   * later syncs too) or `skip_and_continue` (later syncs do not try either).
   */
  async resolveFailed(
    action: OnFailure,
    options: CallOptions & { tables?: string[] | undefined; source?: string | undefined } = {},
  ): Promise<data.SyncStatus> {
    return this.#data('resolve_failed', { action }, options)
  }

  /** Syncs the sources whose setting `sync.interval_minutes` says that it is time; call it from a timer. */
  async runDue(options: CallOptions = {}): Promise<data.DueSync[]> {
    return this.#data('run_due', {}, options)
  }

  /** What people said about a source: words, metrics, verified queries, and what they decided about tables. */
  async knowledge(options: CallOptions & { source?: string | undefined } = {}): Promise<data.KnowledgeVersion> {
    return this.#data('knowledge', {}, options)
  }

  /** An earlier version of `knowledge`; the last 50 are kept. */
  async knowledgeAt(version: number, options: CallOptions & { source?: string | undefined } = {}): Promise<data.KnowledgeVersion> {
    return this.#data('knowledge_at', { version }, options)
  }

  /** Replaces what people said about a source and gives its version; with `expected`, only when that is the version there is. */
  async setKnowledge(knowledge: Knowledge, options: ChangeOptions = {}): Promise<number> {
    return this.#data('set_knowledge', { knowledge }, options)
  }

  /** `setKnowledge` from the text of a `leo.yaml`; mistakes are thrown with their lines, and nothing is imported then. */
  async importKnowledge(yaml: string, options: ChangeOptions = {}): Promise<number> {
    return this.#data('import_knowledge', { yaml }, options)
  }

  /** What in a `leo.yaml` is of no effect at a source: tables and columns that are not there, by lines. */
  async checkKnowledge(yaml: string, options: CallOptions & { source?: string | undefined } = {}): Promise<data.Mistake[]> {
    return this.#data('check_knowledge', { yaml }, options)
  }

  /** Everything that is in force at a source, as the text of a `leo.yaml`. */
  async exportKnowledge(options: CallOptions & { source?: string | undefined } = {}): Promise<string> {
    return this.#data('export_knowledge', {}, options)
  }

  /** Columns of which nobody is sure whether they hold personal data, those that are protected meanwhile first. */
  async personalReview(options: CallOptions & { source?: string | undefined } = {}): Promise<data.PersonalFinding[]> {
    return this.#data('personal_review', {}, options)
  }

  /** Decides whether columns hold personal data; it outlives syncs, and gives the version of `knowledge` it is part of. */
  async decidePersonal(decisions: PersonalDecision[], options: CallOptions & { source?: string | undefined } = {}): Promise<number> {
    return this.#data('decide_personal', { decisions }, options)
  }

  /** Asks the questions of a suite as the handle's user, and scores the answers. */
  async evaluate(suite: Suite, options: EvaluateOptions = {}): Promise<data.Evaluation> {
    return this.#data('evaluate', { suite }, options)
  }

  /** What changed between two evaluations, and whether it may be chance. */
  async compareEvaluations(before: data.Evaluation, after: data.Evaluation): Promise<data.RunComparison> {
    return this.#data('compare_evaluations', { before, after }, {})
  }

  /** An evaluation as one page of HTML that loads nothing. References are shown with the `suite`; an evaluation has none. */
  async evaluationHtml(evaluation: data.Evaluation, options: EvaluationHtmlOptions = {}): Promise<string> {
    return this.#data('evaluation_html', { evaluation }, options)
  }

  /** The settings in force for the user and a source, each with where it was set. */
  async settings(options: CallOptions & { source?: string | undefined } = {}): Promise<data.ExplainedSetting[]> {
    return this.#data('settings', {}, options)
  }

  /** Replaces the settings of the user's tenant, from the next call on. */
  async setTenantSettings(settings: SettingsLayer): Promise<void> {
    return this.#data('set_tenant_settings', { settings }, {})
  }

  /** Turns execution on or off for a source. */
  async setExecution(on: boolean, options: CallOptions & { source?: string | undefined } = {}): Promise<void> {
    return this.#data('set_execution', { on }, options)
  }

  /** The user's own tenant's records that the audit in memory still holds, oldest first. */
  async recentAudit(): Promise<data.AuditEvent[]> {
    return this.#data('recent_audit', {}, {})
  }

  /** What the tenant's users spent on models from `first` to `last`, both included: by day of UTC, user and model. */
  async modelSpending(first: string, last: string): Promise<data.ModelSpending[]> {
    return this.#data('model_spending', { first, last }, {})
  }

  /** How each model did since the process began, in the order in which they are asked; for the host alone. */
  async modelStatistics(): Promise<data.ModelStatistics[]> {
    return this.#data('model_statistics', {}, {})
  }

  /** A sentence for the user, once, when the audit in memory had to drop records. */
  async auditNotice(): Promise<string | null> {
    return this.#data('audit_notice', {}, {})
  }

  /** Closes every connection; later calls throw a ClosedError. */
  async close(): Promise<void> {
    return this.#data('close', {}, {})
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #answer(name: string, args: object, options: CallOptions): Promise<Answer> {
    return answer(await this.#call('answer', name, args, options))
  }

  async #data<T>(name: string, args: object, options: CallOptions): Promise<T> {
    return JSON.parse(await this.#call('data', name, args, options)) as T
  }

  /** Makes a call, unless its signal says that it is not wanted any more. */
  async #call<Way extends keyof Made>(way: Way, name: string, args: object, options: CallOptions): Promise<Made[Way]> {
    const { signal, ...named } = options
    return caught(async () => {
      if (Array.isArray(options)) throw new ConfigError('options are an object; values of a statement are `{ params: […] }`')
      const told = encode({ ...args, ...snake(named) })
      const make = (cancel?: NativeCancel) => this.#handle[way](name, told, cancel) as Promise<Made[Way]>
      if (!signal) return await make()
      if (signal.aborted) throw new CancelledError('the call was cancelled by its signal', { cause: signal.reason })
      const cancel = new native.Cancel()
      const abort = () => cancel.cancel()
      signal.addEventListener('abort', abort, { once: true })
      try {
        return await make(cancel)
      } finally {
        signal.removeEventListener('abort', abort)
      }
    })
  }
}

/** What was asked before: the user's own conversations. `ask(…, { session })` begins and continues one. */
export class Sessions {
  readonly #data: <T>(name: string, args: object) => Promise<T>

  /** @internal */
  constructor(data: <T>(name: string, args: object) => Promise<T>) {
    this.#data = data
  }

  /** The user's own conversations, pinned ones first, then the newest. */
  async list(): Promise<data.SessionInfo[]> {
    return this.#data('sessions.list', {})
  }

  /** A conversation, with its turns. */
  async get(id: string): Promise<data.Session> {
    return this.#data('sessions.get', { id })
  }

  /** Gives a conversation another title. */
  async rename(id: string, title: string): Promise<data.SessionInfo> {
    return this.#data('sessions.rename', { id, title })
  }

  /** Keeps a conversation at the top of the list, or no longer. */
  async pin(id: string, options: { pinned?: boolean | undefined } = {}): Promise<data.SessionInfo> {
    return this.#data('sessions.pin', { id, ...options })
  }

  /** Deletes a conversation and all its turns. */
  async delete(id: string): Promise<void> {
    return this.#data('sessions.delete', { id })
  }

  /** A conversation as text. */
  async export(id: string, format: 'json' | 'markdown'): Promise<string> {
    return this.#data('sessions.export', { id, format })
  }
}

/** Questions that are answered later, because too many were asked at once or the model that they need is down (`ask.on_overload`: "queue"). */
export class Tickets {
  readonly #data: <T>(name: string, args: object) => Promise<T>
  readonly #answer: (name: string, args: object, options: CallOptions) => Promise<Answer>

  /** @internal */
  constructor(data: <T>(name: string, args: object) => Promise<T>, answer: (name: string, args: object, options: CallOptions) => Promise<Answer>) {
    this.#data = data
    this.#answer = answer
  }

  /** The user's own tickets, the oldest first. */
  async list(): Promise<data.Ticket[]> {
    return this.#data('tickets.list', {})
  }

  /** A ticket as it stands now. */
  async get(id: string): Promise<data.Ticket> {
    return this.#data('tickets.get', { id })
  }

  /** Asks the question; the answer is `queued` once more where it still has to wait. */
  async redeem(id: string, options: CallOptions = {}): Promise<Answer> {
    return this.#answer('tickets.redeem', { id }, options)
  }

  /** Gives a ticket back: its question is not answered any more. */
  async cancel(id: string): Promise<void> {
    return this.#data('tickets.cancel', { id })
  }
}

/** The sources of a handle, as data: added, listed, changed, tested and removed while it runs. */
export class Sources {
  readonly #data: <T>(name: string, args: object) => Promise<T>

  /** @internal */
  constructor(data: <T>(name: string, args: object) => Promise<T>) {
    this.#data = data
  }

  /** Adds a source for the user's tenant, without connecting to it: `test` does that. */
  async add(place: Place, options: SourceOptions = {}): Promise<void> {
    return this.#data('sources.add', { place, ...snake(options) })
  }

  /** The sources that the user may look at, in the order of registration. */
  async list(): Promise<SourceInfo[]> {
    return this.#data('sources.list', {})
  }

  /** How a source does, without asking it. */
  async status(id: string): Promise<data.SourceStatus> {
    return this.#data('sources.status', { id })
  }

  /** Connects, looks around and says what it found. */
  async test(id: string): Promise<data.ConnectionReport> {
    return this.#data('sources.test', { id })
  }

  /** Opens a source anew at another place or with another login, and uses it from then on. */
  async update(id: string, place: Place): Promise<void> {
    return this.#data('sources.update', { id, place })
  }

  /** Disconnects a source; calls under way may end for `waitMs` and are cancelled then. How many were. */
  async disconnect(id: string, options: { waitMs?: number } = {}): Promise<number> {
    return this.#data('sources.disconnect', { id, ...snake(options) })
  }

  /** Removes a source; its id is free again. */
  async remove(id: string): Promise<void> {
    return this.#data('sources.remove', { id })
  }
}

async function caught<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw toLeoError(error)
  }
}

/** A part of the host's own, where it is no file. */
function own<Part>(part: string | Part | undefined): Part | undefined {
  return typeof part === 'string' ? undefined : part
}

function file(part: unknown): string | undefined {
  return typeof part === 'string' ? part : undefined
}

/** Models by name and by fields, and the one of the host's own. */
function split(model: LeoOptions['model']): { plain: unknown[] | undefined; own: Parts['model'] } {
  const several = model === undefined ? [] : Array.isArray(model) ? model : [model]
  const isOwn = (one: ModelChoice): one is Model | Model['complete'] => typeof one === 'function' || typeof (one as Model).complete === 'function'
  const own = several.filter(isOwn)
  if (own.length > 1) throw new ConfigError('one model can be of your own; let it ask the others itself')
  const plain = several.filter((one) => !isOwn(one)).map((one) => (typeof one === 'string' ? one : fields(one as ModelSpec)))
  return { plain: plain.length > 0 ? plain : undefined, own: own[0] }
}

/** Names of headers and of the body's fields are the service's own. */
function fields({ headers, extra, ...spec }: ModelSpec): unknown {
  return { ...snake(spec), headers, extra }
}

function isHost(place: unknown): place is HostSource {
  return typeof place === 'object' && place !== null && typeof (place as HostSource).query === 'function'
}

/** A source among the options; one that the host reads itself is a part, too. */
function entry(source: NonNullable<LeoOptions['sources']>[number], own: HostSource[]): unknown {
  if (typeof source === 'string') return source
  if (typeof source !== 'object' || source === null) throw new ConfigError('a source is a path, a URL, an object of options, or a source of your own')
  const options = isHost(source) ? { place: source } : source
  const { place, ...named } = options as SourceOptions & { place: Place | HostSource }
  if (!isHost(place)) return { place, ...snake(named) }
  const id = named.id ?? place.id
  own.push(id === place.id ? place : Object.create(place, { id: { value: id } }))
  return { ...snake(named), id, connector: { dialect: place.dialect, engine: place.engine } }
}

/** Opens what a path or URL names; `Leo.open`. */
export const open = Leo.open

/** Where the sample company is, made in the cache folder at the first call: a SQLite file. */
export function samplePath(): string {
  return sync(() => native.samplePath())
}

/** Opens the sample company; `Leo.sample`. */
export const sample = Leo.sample

/** Connectors and other parts of this build. */
export function features(): { version: string; sources: string[]; ssh: boolean } {
  return JSON.parse(native.features()) as { version: string; sources: string[]; ssh: boolean }
}
