// Answers, their rows and their charts.

import type * as data from './schema/output'
import { encode } from './data'
import { sync } from './errors'
import type { NativeAnswer, NativeTable } from './native'

/** A cell: whole numbers beyond 2^53 are bigint, exact decimals, dates and times are text. */
export type Cell = null | boolean | number | bigint | string | Uint8Array

/** The rows of an answer. */
export class Table {
  readonly #native: NativeTable
  #rows: Cell[][] | undefined

  /** @internal */
  constructor(native: NativeTable) {
    this.#native = native
  }

  /** Names of the columns. */
  get columns(): string[] {
    return this.#native.columns()
  }

  /** Types of the columns: `integer`, `float`, `decimal`, `text`, `date`, `timestamp` … */
  get types(): string[] {
    return this.#native.types()
  }

  /** Number of rows. */
  get numRows(): number {
    return this.#native.numRows()
  }

  /** All rows as arrays. */
  rows(): Cell[][] {
    if (this.#rows === undefined) {
      const rows = JSON.parse(this.#native.rows()) as unknown[][]
      const whole = this.types.map((type) => type === 'integer')
      for (const row of rows) {
        for (let column = 0; column < row.length; column += 1) {
          const cell = row[column]
          if (whole[column] && typeof cell === 'string') row[column] = BigInt(cell)
          else if (typeof cell === 'object' && cell !== null && 'bytes' in cell) row[column] = Buffer.from(String(cell.bytes), 'hex')
        }
      }
      this.#rows = rows as Cell[][]
    }
    return this.#rows
  }

  /** All rows as objects; of two columns with one name the last stays. */
  toObjects<Row extends Record<string, Cell> = Record<string, Cell>>(): Row[] {
    const columns = this.columns
    return this.rows().map((row) => Object.fromEntries(row.map((cell, column) => [columns[column], cell])) as Row)
  }

  [Symbol.iterator](): Iterator<Cell[]> {
    return this.rows()[Symbol.iterator]()
  }

  /** As a stream of Arrow's IPC format, for `tableFromIPC` of apache-arrow. */
  toIPC(): Uint8Array {
    return sync(() => this.#native.ipc())
  }

  /** As CSV. Text that a spreadsheet would take for a formula is made harmless; null and empty text differ. */
  toCSV(options: { delimiter?: ',' | ';' | '\t' | '|'; header?: boolean; null?: string; escapeFormulas?: boolean } = {}): string {
    return this.#render('csv', options)
  }

  /** As a table of Markdown. */
  toMarkdown(options: { maxRows?: number } = {}): string {
    return this.#render('markdown', options)
  }

  /** As a table of HTML. */
  toHTML(options: { maxRows?: number } = {}): string {
    return this.#render('html', options)
  }

  /** As JSON lines: an object for each row. */
  toJSONLines(): string {
    return this.#render('json_lines', {})
  }

  toString(): string {
    return this.#render('text', {})
  }

  /** What `console.log` shows. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }

  toJSON(): { columns: { name: string; type: string }[]; rows: unknown[][] } {
    const types = this.types
    const columns = this.columns.map((name, column) => ({ name, type: types[column] as string }))
    return { columns, rows: this.rows().map((row) => row.map(plainCell)) }
  }

  #render(form: string, options: object): string {
    return sync(() => this.#native.render(form, encode(snake(options))))
  }
}

function plainCell(cell: Cell): unknown {
  if (typeof cell === 'bigint') return cell.toString()
  return cell instanceof Uint8Array ? { bytes: Buffer.from(cell).toString('hex') } : cell
}

/** Names as the core spells them. */
export function snake(options: object): Record<string, unknown> {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries.map(([name, value]) => [name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value]))
}

/** How to draw an answer. */
export class Chart {
  readonly #native: NativeAnswer
  /** The chart as plain data that refers to the columns by name. */
  readonly spec: data.ChartSpec

  /** @internal */
  constructor(native: NativeAnswer, spec: data.ChartSpec) {
    this.#native = native
    this.spec = spec
  }

  /** As a Vega-Lite specification, data included. */
  toVegaLite(): Record<string, unknown> {
    return JSON.parse(this.#native.chart('vega_lite') ?? '{}') as Record<string, unknown>
  }

  /** As the options of Apache ECharts, data included. */
  toECharts(): Record<string, unknown> {
    return JSON.parse(this.#native.chart('echarts') ?? '{}') as Record<string, unknown>
  }

  /** As a drawing that needs no script. */
  toSVG(): string {
    return this.#native.svg() ?? ''
  }
}

/** What every answer says. */
interface Fields {
  id: string
  session_id?: string
  question: string
  source: string
  narrative: data.Narrative
  callouts: data.Callout[]
  row_count: number
  truncated: boolean
  sql?: string
  params: data.Value[]
  sql_with_values?: string
  explain: data.Explain
  follow_ups: string[]
  confidence?: number
  provenance: data.Provenance
  freshness: data.Freshness[]
  from_cache: boolean
  /** When the rows were read from the database; undefined when nothing ran. */
  ran_at?: string
  warnings: data.AnswerWarning[]
  usage: data.Usage
  timings: data.Timings
  audit_id?: string
  trace_id?: string
  /** What there is to say in one text: the narrative, the question back, or the reason why there is no answer. */
  text: string
}

/** What can be made of any answer. */
interface Methods {
  /** The rows; undefined when nothing ran. */
  readonly table: Table | undefined
  /** How to draw it; undefined when nothing ran. */
  readonly chart: Chart | undefined
  /** The answer itself when there is one; throws the error of its status otherwise. */
  raiseForStatus(): AnsweredAnswer
  /** As a person reads it, in plain text; `width: 0` neither wraps nor cuts. */
  toText(options?: { width?: number; explain?: boolean; chart?: boolean; maxRows?: number }): string
  /** As a card of HTML that needs no script; `page` makes a page of it. */
  toHTML(options?: { question?: boolean; chart?: boolean; explain?: boolean; maxRows?: number; style?: boolean; page?: boolean }): string
  toString(): string
  /** All of it as plain data, rows included. */
  toJSON(): Record<string, unknown>
}

/** A question back, with what to choose from. */
export type Clarification = data.ClarificationRequest
/** Why there is no answer. */
export type Refusal = data.Refusal

/** Rows, prose and a chart. */
export interface AnsweredAnswer extends Fields, Methods {
  status: 'answered' | 'stale'
  readonly table: Table
  readonly chart: Chart
}

/** A question back. */
export interface ClarifyAnswer extends Fields, Methods {
  status: 'clarify'
  clarification: Clarification
}

/** A statement that waits for approval. */
export interface NeedsApprovalAnswer extends Fields, Methods {
  status: 'needs_approval'
  approval: data.ApprovalRequest
}

/** No answer, with the reason. */
export interface RefusedAnswer extends Fields, Methods {
  status: 'declined' | 'not_data_question' | 'blocked' | 'not_executed'
  refusal: Refusal
}

/** An answer that is given later: `leo.tickets.redeem(ticket.id)`. */
export interface QueuedAnswer extends Fields, Methods {
  status: 'queued'
  ticket: data.Ticket
  refusal: Refusal
}

/** What came of a question; its `status` says which fields there are. */
export type Answer = AnsweredAnswer | ClarifyAnswer | NeedsApprovalAnswer | QueuedAnswer | RefusedAnswer

class AnswerObject {
  readonly #native: NativeAnswer
  #table: Table | undefined

  constructor(native: NativeAnswer) {
    this.#native = native
    const { chart, ...fields } = JSON.parse(native.fields()) as Fields & { chart?: data.ChartSpec }
    Object.assign(this, fields)
    Object.defineProperty(this, 'chart', { value: chart && new Chart(native, chart), enumerable: true })
  }

  get table(): Table | undefined {
    const table = this.#table ?? this.#native.table()
    if (table !== null && !(table instanceof Table)) this.#table = new Table(table)
    return this.#table
  }

  raiseForStatus(): this {
    sync(() => this.#native.raiseForStatus())
    return this
  }

  toText(options: object = {}): string {
    return sync(() => this.#native.render('text', encode(snake(options))))
  }

  toHTML(options: object = {}): string {
    return sync(() => this.#native.render('html', encode(snake(options))))
  }

  toString(): string {
    return this.toText().trimEnd()
  }

  toJSON(): Record<string, unknown> {
    // The table's own writing keeps whole numbers that JavaScript would round.
    const { text, ...fields } = JSON.parse(sync(() => this.#native.fields())) as Record<string, unknown>
    return this.table ? { ...fields, table: this.table.toJSON() } : fields
  }
}

/** The answer of a compiled one. */
export function answer(native: NativeAnswer): Answer {
  return new AnswerObject(native) as unknown as Answer
}

