// What comes bit by bit.

import { answer, Table, type Answer } from './answer'
import { LeoError, toLeoError } from './errors'
import type { NativeAnswer, NativeBatches, NativeEvents } from './native'
import type { Catalog, ErrorInfo, ModelPurpose, Stage, SyncStage, TableName } from './schema/output'

/** The question waits for others of its tenant. */
export interface QueuedEvent { event: 'queued'; position: number }
/** A stage begins. */
export interface StartedEvent { event: 'started'; stage: Stage }
/** A stage ended. */
export interface FinishedEvent { event: 'finished'; stage: Stage; us: number }
/** A model is asked, or an earlier answer of it is looked for. */
export interface ModelAskedEvent { event: 'model_asked'; purpose: ModelPurpose }
/** A model answered, or failed. */
export interface ModelAnsweredEvent { event: 'model_answered'; purpose: ModelPurpose; ok: boolean; us: number }
/** A sync goes on. */
export interface ProgressEvent { event: 'progress'; stage: SyncStage; done: number; total: number; table: TableName | null; problem: ErrorInfo | null; position: number | null; eta_ms: number | null }
/** The answer; the last event. */
export interface AnswerEvent { event: 'answer'; answer: Answer }
/** What is known of the source now; the last event of a sync. */
export interface CatalogEvent { event: 'catalog'; catalog: Catalog }

export type AskEvent = QueuedEvent | StartedEvent | ModelAskedEvent | ModelAnsweredEvent | FinishedEvent | AnswerEvent
export type SyncEvent = ProgressEvent | CatalogEvent

/** Pieces of a call under way. Leaving the loop early cancels the call, in the database too. */
abstract class Stream<Native extends { close(): Promise<void> }, Piece> implements AsyncIterableIterator<Piece>, AsyncDisposable {
  #begin: (() => Promise<Native>) | undefined
  #native: Promise<Native> | undefined

  /** @internal */
  constructor(begin: () => Promise<Native>) {
    this.#begin = begin
  }

  protected abstract piece(native: Native): Promise<Piece | undefined>

  async next(): Promise<IteratorResult<Piece, undefined>> {
    if (this.#begin) {
      this.#native = this.#begin()
      this.#begin = undefined
    }
    try {
      const native = await this.#native
      const value = native && (await this.piece(native))
      return value === undefined ? { done: true, value: undefined } : { done: false, value }
    } catch (error) {
      this.#native = undefined
      throw toLeoError(error)
    }
  }

  /** Ends it. */
  async return(): Promise<IteratorResult<Piece, undefined>> {
    const native = this.#native
    this.#begin = this.#native = undefined
    await (await native?.catch(() => undefined))?.close()
    return { done: true, value: undefined }
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.return()
  }
}

/** What happens on the way to an answer. */
export class Events<Event extends AskEvent | SyncEvent> extends Stream<NativeEvents, Event> {
  protected async piece(native: NativeEvents): Promise<Event | undefined> {
    const event = await native.next()
    if (event === null) return undefined
    if (typeof event === 'string') return JSON.parse(event) as Event
    return { event: 'answer', answer: answer(event as NativeAnswer) } as Event
  }

  /** The events as server-sent events, an error as the last of them: for `for await` or `ReadableStream.from`. */
  async *toSSE(): AsyncGenerator<string, void, undefined> {
    try {
      for await (const event of this) yield sse(event.event, event)
    } catch (error) {
      if (!(error instanceof LeoError)) throw error
      const { code: kind, message, context, findings, retryable } = error
      yield sse('error', { event: 'error', error: { kind, message, context, findings, retryable } })
    }
  }
}

function sse(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`
}

/** The rows of a statement as they come, table by table. */
export class Batches extends Stream<NativeBatches, Table> {
  #truncated = false

  /** Whether there were more rows than `maxRows`, 5,000 unless given: known once the rows were read to their end. */
  get truncated(): boolean {
    return this.#truncated
  }

  protected async piece(native: NativeBatches): Promise<Table | undefined> {
    const table = await native.next()
    this.#truncated = native.truncated()
    return table === null ? undefined : new Table(table)
  }
}
