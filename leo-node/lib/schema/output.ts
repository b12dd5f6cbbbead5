// Made from docs/schema by scripts/schema.cjs; change the types in Rust.

/**
 * What Leo gives.
 */
export type LeoOutput =
  | AccessRequest
  | Answer
  | AnswerStatus
  | AskEvent
  | AuditEvent
  | Catalog
  | ConnectionReport
  | DataMap
  | DueSync
  | ErrorInfo
  | ErrorKind
  | Evaluation
  | ExplainedSetting
  | Finding
  | Hit
  | HostContext
  | KnowledgeVersion
  | MapGraph
  | Mistake
  | ModelRequest
  | ModelSpending
  | ModelStatistics
  | OutputColumn
  | PersonalFinding
  | PutOptions
  | QualityOverview
  | RunComparison
  | Session
  | SessionInfo
  | Settings
  | SourceInfo
  | SourceStatus
  | SqlRequest
  | Stage
  | StorageContractReport
  | SyncProgress
  | SyncStatus
  | Table
  | TableDetail
  | Ticket
  | Vetting
/**
 * What somebody wants to do.
 */
export type Action = 'ask' | 'browse' | 'manage_sources' | 'read_audit' | 'export_audit'
/**
 * What came of a question.
 */
export type AnswerStatus =
  'answered' | 'clarify' | 'declined' | 'not_data_question' | 'needs_approval' | 'blocked' | 'not_executed' | 'queued' | 'stale'
/**
 * A scalar value. An exact decimal is text with all its digits; dates and times are text in ISO form.
 */
export type Value = null | boolean | number | string | ValueBytes
/**
 * How a figure is written.
 */
export type FigureFormat = FigureFormatNumber | FigureFormatMagnitude | FigureFormatSigned | 'label' | FigureFormatCalendar
/**
 * What numbers count, as far as it is known.
 */
export type ChartUnit = 'plain' | 'fraction' | 'percent' | ChartUnitCurrency | ChartUnitNamed
/**
 * To what a point in time is truncated, or which part of it is taken.
 *
 * Output form: `Hour` `2024-03-31 14:00` · `Day` `2024-03-31` · `Week` (ISO, its Monday) `2024-03-25` · `Month` `2024-03` · `Quarter` `2024-Q1` · `Year` 2024
 * (integer) · `FiscalYear` 2024 (the calendar year it ends in) · `FiscalQuarter` `FY2024-Q1` · `IsoWeek` `2024-W13` ·
 * `HourOfDay` 0–23 · `DayOfWeek` 1–7 (Monday is 1) · `MonthOfYear` 1–12 · `QuarterOfYear` 1–4.
 */
export type Grain =
  | 'hour'
  | 'day'
  | 'week'
  | 'iso_week'
  | 'month'
  | 'quarter'
  | 'year'
  | 'fiscal_quarter'
  | 'fiscal_year'
  | 'hour_of_day'
  | 'day_of_week'
  | 'month_of_year'
  | 'quarter_of_year'
/**
 * What a figure is computed from.
 */
export type FigureSource =
  | FigureSourceAsCell
  | FigureSourceAsAggregate
  | FigureSourceAsRowCount
  | FigureSourceAsDistinct
  | FigureSourceAsDifference
  | FigureSourceAsRatio
  | FigureSourceAsChange
  | FigureSourceAsMissingPeriods
  | FigureSourceGiven
/**
 * An aggregate over cells; NULL is left out.
 */
export type AggregateOp = 'sum' | 'mean' | 'min' | 'max' | 'median' | 'count'
/**
 * Rows an aggregate runs over.
 */
export type FigureRows = 'all' | FigureRowsList | FigureRowsAsLike
/**
 * Something a sentence says without a figure; true or not in a given table.
 */
export type Claim =
  | ClaimRows
  | ClaimAsExtreme
  | ClaimAsTie
  | ClaimAsLeading
  | ClaimAsLargestGroup
  | ClaimAsDirection
  | ClaimAsLargestStep
  | ClaimAsOutlier
  | ClaimAsMissing
  | ClaimAsTruth
/**
 * Kinds of callout.
 */
export type CalloutKind = 'largest_change' | 'outlier' | 'missing_periods' | 'concentration'
/**
 * The kinds of chart.
 */
export type ChartKind = 'bar' | 'horizontal_bar' | 'line' | 'area' | 'pie' | 'scatter' | 'heatmap' | 'kpi' | 'sparkline' | 'table'
/**
 * How values are laid out along a channel.
 */
export type ChartScale = 'nominal' | 'ordinal' | 'temporal' | 'quantitative'
/**
 * How several bars or areas at one place are arranged.
 */
export type ChartArrangement = 'single' | 'stacked' | 'grouped'
/**
 * What categories are ordered by.
 */
export type ChartSortBy = 'x' | 'y'
/**
 * What words mean.
 */
export type LinkTarget = LinkTargetTable | LinkTargetAsColumn | LinkTargetAsValue | LinkTargetMeasure | LinkTargetTime | LinkTargetOperation
/**
 * Why words were linked.
 */
export type Evidence =
  'knowledge' | 'name' | 'part_of_name' | 'comment' | 'abbreviation' | 'synonym' | 'value' | 'spelling' | 'structure' | 'grammar'
/**
 * How two tables meet.
 */
export type JoinKind = 'inner' | 'left' | 'exists'
/**
 * The guard's decision about a statement.
 */
export type Verdict = 'allow' | 'rewrite' | 'needs_approval' | 'block'
/**
 * A value computed for each row.
 */
export type Scalar = ScalarField | ScalarLiteral | ScalarAsArithmetic | ScalarAsDaysBetween | ScalarCoalesce
/**
 * `+ − × ÷`.
 */
export type Arithmetic = 'add' | 'subtract' | 'multiply' | 'divide'
/**
 * What a measure computes. The table whose rows are aggregated is the one named, or the most detailed one among the fields of
 * the scalar; a join that would repeat its rows is never taken. Aggregates that do not mind repeated rows (different values,
 * smallest, largest) are taken over the rows of `from` when each of these leads to one row of every field's table: "in how many
 * countries were orders placed" counts the countries of orders, not of all customers.
 */
export type Aggregate =
  | AggregateCountRows
  | AggregateCount
  | AggregateCountDistinct
  | AggregateSum
  | AggregateAvg
  | AggregateMin
  | AggregateMax
  | AggregateAsRatio
  | AggregateMetric
/**
 * Which rows count.
 *
 * A condition on a column of a table that has several rows for one row asked about holds when one of those rows meets it;
 * conditions on the same such table within one `And` are asked of the same row, and `Not` around them asks for absence.
 * A day beside a column that stores times stands for all times of that day.
 */
export type Filter =
  | FilterAnd
  | FilterOr
  | FilterNot
  | FilterAsCompare
  | FilterAsIn
  | FilterAsBetween
  | FilterAsText
  | FilterIsNull
  | FilterAsDuring
  | FilterAsExists
  | FilterAsInQuery
  | FilterAsCompareQuery
  | FilterAsFollowedBy
/**
 * A comparison operator.
 */
export type FilterOperator = 'equal' | 'not_equal' | 'less' | 'less_or_equal' | 'greater' | 'greater_or_equal'
/**
 * How text is matched.
 */
export type TextMatch = 'equals' | 'contains' | 'starts_with' | 'ends_with'
/**
 * A stretch of time, absolute or relative to the moment of asking.
 */
export type TimeWindow =
  TimeWindowAsAbsolute | TimeWindowCurrent | TimeWindowAsLast | TimeWindowAsRolling | TimeWindowToDate | TimeWindowAsNext
/**
 * A calendar unit.
 */
export type TimeUnit = 'day' | 'week' | 'month' | 'quarter' | 'year' | 'fiscal_quarter' | 'fiscal_year'
/**
 * What is done to aggregated values.
 */
export type Transform = 'none' | TransformAsShareOfTotal | 'running_total'
/**
 * The right side of a condition on a group.
 */
export type HavingValue = HavingValueValue | 'average_of_groups'
/**
 * The other period.
 */
export type ComparisonBase = 'previous_period' | 'previous_year' | ComparisonBaseWindow
/**
 * What a question waits for.
 */
export type TicketReason = 'overload' | 'model_down'
/**
 * The set of defaults everything else is laid over.
 */
export type Preset = 'local' | 'embedded'
/**
 * What a warning is about.
 */
export type WarningCode =
  | 'empty'
  | 'null_heavy'
  | 'wrong_shape'
  | 'fan_out'
  | 'truncated'
  | 'incomplete_period'
  | 'no_estimate'
  | 'model_no_help'
  | 'stale'
  | 'earlier_reply'
  | 'conversation_not_read'
  | 'conversation_not_kept'
/**
 * A stage on the way from question to answer, in order.
 */
export type Stage = 'authorise' | 'retrieve' | 'plan' | 'compile' | 'vet' | 'record' | 'price' | 'run' | 'review' | 'chart' | 'narrate'
/**
 * Something that happened on the way from question to answer.
 */
export type AskEvent = AskEventQueued | AskEventStarted | AskEventFinished | AskEventModelAsked | AskEventModelAnswered
/**
 * What a `ModelRequest` is for.
 */
export type ModelPurpose = 'plan' | 'repair' | 'describe' | 'narrate'
/**
 * A SQL dialect.
 */
export type Dialect = 'sqlite' | 'postgres' | 'mysql' | 'tsql' | 'bigquery' | 'datafusion'
/**
 * What kind of relation a table is.
 */
export type TableKind = 'table' | 'view' | 'materialized_view'
/**
 * What a column's type means, whatever the engine calls it.
 */
export type LogicalType =
  'boolean' | 'integer' | 'decimal' | 'float' | 'text' | 'date' | 'time' | 'timestamp' | 'binary' | 'json' | 'uuid' | 'other'
/**
 * How a point in time is stored in a column. Engines with date types need only `Native`.
 */
export type TimeEncoding = 'native' | 'iso_date' | 'iso_timestamp' | 'compact_date' | 'year_month' | 'year' | 'unix_seconds' | 'unix_millis'
/**
 * How sure it is that a column holds personal data, surest first.
 */
export type PersonalTier = 'confirmed' | 'high' | 'medium' | 'low'
/**
 * Where a term comes from, best first.
 */
export type TermOrigin = 'host' | 'comment' | 'model' | 'rule' | 'schema'
/**
 * Where a description comes from, best first.
 */
export type DescriptionOrigin = 'host' | 'comment' | 'model' | 'rule'
/**
 * What a table's rows are.
 */
export type RoleKind = 'entity' | 'transaction' | 'event_stream' | 'state_tracking' | 'reference' | 'bridge' | 'none'
/**
 * What a check looks at.
 */
export type CheckKind = 'completeness' | 'uniqueness' | 'references' | 'validity' | 'freshness' | 'volume'
/**
 * How bad it is when a check fails, worst first.
 */
export type Severity = 'error' | 'warning' | 'info'
/**
 * How many rows may meet in a relationship, read from child to parent.
 */
export type Cardinality = 'many_to_one' | 'one_to_one'
/**
 * Where a relationship comes from.
 */
export type RelationshipOrigin = 'declared' | 'inferred' | 'host'
/**
 * Where the sync of a source is.
 */
export type SyncState = 'pending' | 'running' | 'waiting_for_model' | 'completed' | 'failed'
/**
 * Where a sync is.
 */
export type SyncStage = 'queue' | 'introspect' | 'profile' | 'relate' | 'check' | 'describe'
/**
 * What kind of failure ended a step: what a person can do about it.
 */
export type FailureClass =
  'timeout' | 'quota_exceeded' | 'permission_denied' | 'transient_network' | 'malformed_response' | 'validation_failed' | 'other'
/**
 * What a caller can do about an error. Kinds are few: a new one is added only where callers would act differently.
 */
export type ErrorKind =
  | 'config'
  | 'denied'
  | 'rejected'
  | 'needs_approval'
  | 'not_found'
  | 'conflict'
  | 'unsupported'
  | 'unavailable'
  | 'rate_limited'
  | 'over_budget'
  | 'timeout'
  | 'cancelled'
  | 'closed'
  | 'limit_exceeded'
  | 'malformed'
  | 'adapter'
  | 'internal'
/**
 * In what an answer differs from its reference; the first that applies.
 */
export type Mismatch = 'columns' | 'row_count' | 'order' | 'values'
/**
 * Where a setting comes from; later ones win.
 */
export type SettingsLevel = 'preset' | 'process' | 'source' | 'tenant' | 'call'
/**
 * What is found by a search.
 */
export type HitKind = 'table' | 'column' | 'metric' | 'glossary' | 'question'
/**
 * Where a word was found.
 */
export type HitPlace = 'name' | 'spelling' | 'synonym' | 'comment' | 'value' | 'meaning'
/**
 * A context attribute: a scalar or a list of scalars.
 */
export type Attribute = Value | Value[]
/**
 * What a synonym stands for.
 */
export type SynonymTarget = SynonymTargetTable | SynonymTargetAsColumn
/**
 * Who says a `ModelMessage`.
 */
export type ModelRole = 'user' | 'assistant'
/**
 * What the circuit breaker does.
 */
export type BreakerState = 'closed' | 'half_open' | 'open'
/**
 * What happens to a question that cannot be answered at once.
 */
export type OnOverload = 'wait' | 'queue' | 'refuse'
/**
 * What an append to the audit file promises when it returns.
 */
export type Durability = 'os' | 'fsync'
/**
 * What a model may see of a source's data.
 */
export type Disclosure = 'none' | 'categories' | 'rows'
/**
 * Whether anything but sources may be connected to.
 */
export type NetworkMode = 'open' | 'source-only'
/**
 * How a source does.
 */
export type SourceState = 'connected' | 'unknown' | 'syncing' | 'error' | 'action_required'
/**
 * What came of a check.
 */
export type CheckOutcome = 'passed' | CheckOutcomeFailed

/**
 * A request to the `Authorizer`.
 */
export interface AccessRequest {
  /**
   * The action.
   */
  action: Action
  /**
   * The source's id; `*` where there is no source yet and the action is about none in particular.
   */
  source: string
}
/**
 * What came of a question or a statement.
 *
 * `status` says which fields are filled: `table`, `narrative` and `chart` for an answer, `clarification` for a
 * question back, `approval` for a statement that waits, `refusal` for everything else. Its JSON holds the rows as
 * `table: {columns: [{name, type}], rows: [[…]]}`.
 *
 * `Debug` shows neither question nor rows nor SQL.
 */
export interface Answer {
  /**
   * UUIDv7 of this answer.
   */
  id: string
  /**
   * The conversation, when the call or the context has one.
   */
  session_id?: string | null
  /**
   * The question as asked; the statement for direct SQL.
   */
  question: string
  /**
   * Id of the source.
   */
  source: string
  /**
   * What came of it.
   */
  status: AnswerStatus
  /**
   * Prose that leads with the answer; every figure is bound to cells.
   */
  narrative: Narrative
  /**
   * What stands out.
   */
  callouts: Callout[]
  /**
   * The rows; `None` when nothing ran.
   */
  table?: Table | null
  /**
   * Number of rows returned.
   */
  row_count: number
  /**
   * Whether there were more.
   */
  truncated: boolean
  /**
   * How to draw it; `None` when nothing ran.
   */
  chart?: ChartSpec | null
  /**
   * The statement as sent to the database, values apart.
   */
  sql?: string | null
  /**
   * Values of its placeholders.
   */
  params: Value[]
  /**
   * The statement with its values written in, to be read and copied; it is never what runs.
   */
  sql_with_values?: string | null
  /**
   * How the question was read and what was assumed.
   */
  explain: Explain
  /**
   * How it continues the question before it in its session; `None` for a new one.
   */
  conversation?: Continuation | null
  /**
   * The question back.
   */
  clarification?: ClarificationRequest | null
  /**
   * What has to be approved.
   */
  approval?: ApprovalRequest | null
  /**
   * Why there is no answer, with what to do next.
   */
  refusal?: Refusal | null
  /**
   * By what it is answered later, where it could not be answered at once.
   */
  ticket?: Ticket | null
  /**
   * Questions to ask next.
   */
  follow_ups: string[]
  /**
   * How sure the planner is that this is what was asked, 0–1; `None` for direct SQL and for a model's.
   */
  confidence?: number | null
  /**
   * What the answer was made from.
   */
  provenance: Provenance
  /**
   * How recent the data is, for each table read that says when its rows happened.
   */
  freshness: Freshness[]
  /**
   * Whether the rows were read for an earlier question, or for one that another call asked at the same time.
   */
  from_cache: boolean
  /**
   * When the rows were read from the database; `None` when nothing ran.
   */
  ran_at?: string | null
  /**
   * What the reader should know.
   */
  warnings: AnswerWarning[]
  /**
   * What it took.
   */
  usage: Usage
  /**
   * How long each stage took.
   */
  timings: Timings
  /**
   * Id of the audit event of this question.
   */
  audit_id?: string | null
  /**
   * The caller's `traceparent`, when the context has one.
   */
  trace_id?: string | null
}
/**
 * The prose of an answer.
 */
export interface Narrative {
  /**
   * The sentences as one text.
   */
  text: string
  /**
   * In reading order.
   */
  sentences: Sentence[]
}
/**
 * A sentence whose figures are bound.
 */
export interface Sentence {
  /**
   * The sentence.
   */
  text: string
  /**
   * The figures in it, in order.
   */
  figures: Figure[]
  /**
   * What it says without a figure: "leads", "rose".
   */
  claims?: Claim[]
}
/**
 * A number or label in a sentence, and where it comes from.
 */
export interface Figure {
  /**
   * First byte in the sentence's text (UTF-8).
   */
  start: number
  /**
   * Byte after the last.
   */
  end: number
  /**
   * The value before it was formatted.
   */
  value: Value
  /**
   * How it is written.
   */
  format: FigureFormat
  /**
   * What it is computed from.
   */
  source: FigureSource
}
/**
 * Bytes as hexadecimal digits.
 */
export interface ValueBytes {
  bytes: string
}
/**
 * As a number in a unit.
 */
export interface FigureFormatNumber {
  number: ChartUnit
}
/**
 * Money; an ISO 4217 code or a symbol.
 */
export interface ChartUnitCurrency {
  currency: string
}
/**
 * Anything else, written after the number: "days".
 */
export interface ChartUnitNamed {
  named: string
}
/**
 * As a number in a unit without its sign; the words say the direction.
 */
export interface FigureFormatMagnitude {
  magnitude: ChartUnit
}
/**
 * As a number in a unit, with a sign even where it is positive: a change.
 */
export interface FigureFormatSigned {
  signed: ChartUnit
}
/**
 * As a part of the calendar: 1 is Monday.
 */
export interface FigureFormatCalendar {
  calendar: Grain
}
/**
 * One cell, both counted from 0.
 */
export interface FigureSourceAsCell {
  cell: FigureSourceCell
}
export interface FigureSourceCell {
  /**
   * Row.
   */
  row: number
  /**
   * Column.
   */
  column: number
}
/**
 * An aggregate of a column's cells.
 */
export interface FigureSourceAsAggregate {
  aggregate: FigureSourceAggregate
}
export interface FigureSourceAggregate {
  /**
   * Which.
   */
  op: AggregateOp
  /**
   * Column, from 0.
   */
  column: number
  /**
   * Which rows.
   */
  rows: FigureRows
}
/**
 * These.
 */
export interface FigureRowsList {
  list: number[]
}
/**
 * Those whose cell in `column` equals that of `row`.
 */
export interface FigureRowsAsLike {
  like: FigureRowsLike
}
export interface FigureRowsLike {
  /**
   * Column, from 0.
   */
  column: number
  /**
   * Row, from 0.
   */
  row: number
}
/**
 * Number of rows, less `beyond`: "and 12 more".
 */
export interface FigureSourceAsRowCount {
  row_count: FigureSourceRowCount
}
export interface FigureSourceRowCount {
  /**
   * Rows already named.
   */
  beyond: number
}
/**
 * Number of different values in a column.
 */
export interface FigureSourceAsDistinct {
  distinct: FigureSourceDistinct
}
export interface FigureSourceDistinct {
  /**
   * Column, from 0.
   */
  column: number
}
/**
 * `to − from`.
 */
export interface FigureSourceAsDifference {
  difference: FigureSourceDifference
}
export interface FigureSourceDifference {
  /**
   * What is taken away.
   */
  from: FigureSource
  /**
   * What it is taken from.
   */
  to: FigureSource
}
/**
 * `part ÷ whole`.
 */
export interface FigureSourceAsRatio {
  ratio: FigureSourceRatio
}
export interface FigureSourceRatio {
  /**
   * Above the line.
   */
  part: FigureSource
  /**
   * Below the line.
   */
  whole: FigureSource
}
/**
 * `(to − from) ÷ |from|`.
 */
export interface FigureSourceAsChange {
  change: FigureSourceChange
}
export interface FigureSourceChange {
  /**
   * Before.
   */
  from: FigureSource
  /**
   * After.
   */
  to: FigureSource
}
/**
 * Periods that a time column leaves out between its first and last: how many, or the one at a position.
 */
export interface FigureSourceAsMissingPeriods {
  missing_periods: FigureSourceMissingPeriods
}
export interface FigureSourceMissingPeriods {
  /**
   * Column, from 0.
   */
  column: number
  /**
   * Which of them; `None` is how many.
   */
  at: number | null
}
/**
 * Said by the caller and not computed: a window, a name.
 */
export interface FigureSourceGiven {
  given: string
}
/**
 * The table has so many rows.
 */
export interface ClaimRows {
  rows: number
}
/**
 * The cell is the greatest (or least) of its column, and no other row has the same.
 */
export interface ClaimAsExtreme {
  extreme: ClaimExtreme
}
export interface ClaimExtreme {
  /**
   * Row.
   */
  row: number
  /**
   * Column.
   */
  column: number
  /**
   * Greatest or least.
   */
  least: boolean
}
/**
 * So many rows share the greatest (or least) value, that of `row`.
 */
export interface ClaimAsTie {
  tie: ClaimTie
}
export interface ClaimTie {
  /**
   * One of the rows.
   */
  row: number
  /**
   * Column.
   */
  column: number
  /**
   * Greatest or least.
   */
  least: boolean
  /**
   * How many.
   */
  rows: number
}
/**
 * The rows' values are the greatest (or least) of the column, in this order.
 */
export interface ClaimAsLeading {
  leading: ClaimLeading
}
export interface ClaimLeading {
  /**
   * Rows, first the leading one.
   */
  rows: number[]
  /**
   * Column.
   */
  column: number
  /**
   * Greatest or least.
   */
  least: boolean
}
/**
 * The sum over the rows like `row` is the greatest among the groups of that column.
 */
export interface ClaimAsLargestGroup {
  largest_group: ClaimLargestGroup
}
export interface ClaimLargestGroup {
  /**
   * Column of the groups.
   */
  by: number
  /**
   * A row of the group.
   */
  row: number
  /**
   * Column that is summed.
   */
  column: number
}
/**
 * `right` is greater than, less than or equal to `left`.
 */
export interface ClaimAsDirection {
  direction: ClaimDirection
}
export interface ClaimDirection {
  /**
   * Before.
   */
  left: FigureSource
  /**
   * After.
   */
  right: FigureSource
  /**
   * The sign of `right − left`.
   */
  sign: number
}
/**
 * The change from the row before is the largest of the column, by amount.
 */
export interface ClaimAsLargestStep {
  largest_step: ClaimLargestStep
}
export interface ClaimLargestStep {
  /**
   * Row of the later value.
   */
  row: number
  /**
   * Row of the earlier value.
   */
  before: number
  /**
   * Column.
   */
  column: number
  /**
   * Column that orders the rows.
   */
  along: number
}
/**
 * The cell is an outlier of its column: modified z-score above 3.5.
 */
export interface ClaimAsOutlier {
  outlier: ClaimOutlier
}
export interface ClaimOutlier {
  /**
   * Row.
   */
  row: number
  /**
   * Column.
   */
  column: number
}
/**
 * The cell is NULL.
 */
export interface ClaimAsMissing {
  missing: ClaimMissing
}
export interface ClaimMissing {
  /**
   * Row.
   */
  row: number
  /**
   * Column.
   */
  column: number
}
/**
 * The cell (a count or a truth value) says yes, or no.
 */
export interface ClaimAsTruth {
  truth: ClaimTruth
}
export interface ClaimTruth {
  /**
   * Row.
   */
  row: number
  /**
   * Column.
   */
  column: number
  /**
   * Yes or no.
   */
  holds: boolean
}
/**
 * Something that stands out.
 */
export interface Callout {
  /**
   * What kind of thing.
   */
  kind: CalloutKind
  /**
   * The sentence.
   */
  text: string
  /**
   * The figures in it, in order.
   */
  figures: Figure[]
  /**
   * What it says without a figure: "leads", "rose".
   */
  claims?: Claim[]
}
/**
 * A result: its columns, and its rows in order.
 */
export interface Table {
  /**
   * In the order of the cells of a row.
   */
  columns: TableColumn[]
  /**
   * In the order of the result.
   */
  rows: Value[][]
}
export interface TableColumn {
  name: string
  /**
   * `integer`, `decimal`, `text`, `date` and so on.
   */
  type: string
}
/**
 * A chart of a result. Columns are named; values stay in the result.
 *
 * What the channels mean: bars, lines and areas have `x` (categories or time), `y` (one measure, or several beside each other) and
 * `series` (splits the one measure). A horizontal bar keeps that meaning and is only drawn sideways. A pie has its slices in `x` and
 * their size in `y`. A scatter has measures in both, `series` colours the points. A heatmap has categories in `x` and `series` and
 * its one measure in `y`. A KPI has the measure in `y`, and the value it is compared with as a second one. A table has none.
 */
export interface ChartSpec {
  /**
   * What is drawn.
   */
  kind: ChartKind
  /**
   * Categories, time, or the first measure of a scatter.
   */
  x?: ChartEncoding | null
  /**
   * Measures.
   */
  y?: ChartEncoding[]
  /**
   * Splits the measure into one series per value.
   */
  series?: ChartEncoding | null
  /**
   * How several bars or areas at one place are arranged.
   */
  arrangement?: ChartArrangement
  /**
   * Order of the categories; the result's own order when absent.
   */
  sort?: ChartSort | null
  /**
   * Title.
   */
  title: string
  /**
   * What the chart shows, for people who do not see it. Holds no value of the result.
   */
  alt_text: string
  /**
   * Why this chart, in a few words.
   */
  reason: string
}
/**
 * A column on a channel.
 */
export interface ChartEncoding {
  /**
   * Name of the column.
   */
  column: string
  /**
   * Label of the axis or legend.
   */
  title: string
  /**
   * How its values are laid out.
   */
  scale: ChartScale
  /**
   * What its numbers count.
   */
  unit?: ChartUnit
  /**
   * For time dimensions: the grain, where it is known; 1–7 of a weekday are shown as names.
   */
  grain?: Grain | null
}
/**
 * Order of the categories.
 */
export interface ChartSort {
  /**
   * What is ordered by.
   */
  by: ChartSortBy
  /**
   * Largest or last first.
   */
  descending: boolean
}
/**
 * How an answer came about.
 */
export interface Explain {
  /**
   * The question as understood, in one sentence.
   */
  reading: string
  /**
   * Which words were taken for what.
   */
  links: Link[]
  /**
   * What was decided without being said.
   */
  assumptions: string[]
  /**
   * Time windows with their dates; the first is the one asked about, a second the one compared with.
   */
  windows: ResolvedWindow[]
  /**
   * The moment relative windows count from, in the user's zone.
   */
  now: string
  /**
   * Whether that moment was set (an as-of date) and is not the clock's.
   */
  as_of: boolean
  /**
   * The user's zone.
   */
  time_zone: string
  /**
   * Joins taken.
   */
  joins: JoinNote[]
  /**
   * Tables read.
   */
  tables: string[]
  /**
   * Columns of the result and the columns they derive from.
   */
  lineage: OutputColumn[]
  /**
   * What the guard noted or changed.
   */
  findings: Finding[]
  /**
   * Other readings, best first.
   */
  alternatives: string[]
  /**
   * What was decided about models, in order: who was asked and why, what came of it, which answer was taken.
   */
  decisions: string[]
}
/**
 * Words of the question and what they were taken for.
 */
export interface Link {
  /**
   * The words as written.
   */
  words: string
  /**
   * Bytes of the question they occupy.
   */
  span: ByteRange
  /**
   * What they mean.
   */
  target: LinkTarget
  /**
   * Why.
   */
  evidence: Evidence
  /**
   * Strength of the evidence, 0–1.
   */
  score: number
}
/**
 * Where something is in a text: bytes of its UTF-8.
 */
export interface ByteRange {
  /**
   * The first byte.
   */
  start: number
  /**
   * The byte after the last.
   */
  end: number
}
/**
 * A table.
 */
export interface LinkTargetTable {
  table: TableName
}
/**
 * Name of a table within a source.
 */
export interface TableName {
  /**
   * Schema, where the engine has schemas; SQLite's is `main`. BigQuery's is `project.dataset`.
   */
  schema?: string | null
  /**
   * The name in the engine's own spelling.
   */
  name: string
}
/**
 * A column.
 */
export interface LinkTargetAsColumn {
  column: LinkTargetColumn
}
export interface LinkTargetColumn {
  /**
   * Its table.
   */
  table: TableName
  /**
   * Its name.
   */
  column: string
}
/**
 * A value of a column.
 */
export interface LinkTargetAsValue {
  value: LinkTargetValue
}
export interface LinkTargetValue {
  /**
   * The column's table.
   */
  table: TableName
  /**
   * The column.
   */
  column: string
  /**
   * The value in the data's own spelling.
   */
  value: string
}
/**
 * A measure, as a formula: `SUM(order_lines.unit_price × quantity)`.
 */
export interface LinkTargetMeasure {
  measure: string
}
/**
 * A stretch of time or a grain, in words.
 */
export interface LinkTargetTime {
  time: string
}
/**
 * An operation: `average`, `top 5`, `not`.
 */
export interface LinkTargetOperation {
  operation: string
}
/**
 * A window with its dates.
 */
export interface ResolvedWindow {
  /**
   * First day, included; `None` is open.
   */
  start: string | null
  /**
   * Day after the last; `None` is open.
   */
  end: string | null
  /**
   * Whether the window reaches past the moment of asking, so that its figures may still change.
   */
  incomplete: boolean
  /**
   * For people: `2024-04-01 to 2024-06-30`.
   */
  label: string
}
/**
 * A join of the statement, for explanations.
 */
export interface JoinNote {
  /**
   * Table it starts from.
   */
  from: TableName
  /**
   * Table it leads to.
   */
  to: TableName
  /**
   * `crate::catalog::Relationship::id`.
   */
  relationship: string
  /**
   * How.
   */
  kind: JoinKind
}
/**
 * A column of the result and where it comes from.
 */
export interface OutputColumn {
  /**
   * Name the engine returns.
   */
  name: string
  /**
   * Columns it derives from, through every level.
   */
  sources: SourceColumn[]
  /**
   * The kind of personal data that is kept from the user here: text comes back as `[REDACTED:kind]`, anything else as NULL.
   */
  redacted?: string | null
}
/**
 * A column of a table of the catalogue.
 */
export interface SourceColumn {
  /**
   * Table, in the catalogue's spelling.
   */
  table: TableName
  /**
   * Column, in the catalogue's spelling.
   */
  column: string
}
/**
 * One thing a rule found.
 */
export interface Finding {
  /**
   * Stable rule id, for instance `unknown_table`.
   */
  rule: string
  /**
   * What this finding alone would lead to.
   */
  verdict: Verdict
  /**
   * For the person who asked.
   */
  message: string
  /**
   * For the model that is asked to repair the statement.
   */
  hint: string
  /**
   * Where in the text, when known.
   */
  position?: Position | null
}
/**
 * A place in the statement's text; line and column count from 1, columns in characters.
 */
export interface Position {
  /**
   * Line, from 1.
   */
  line: number
  /**
   * Column, from 1.
   */
  column: number
}
/**
 * How an answer continues the one before it.
 */
export interface Continuation {
  /**
   * The question that it continues.
   */
  question: string
  /**
   * Conditions that were kept from before.
   */
  kept: KeptFilter[]
}
/**
 * A condition that was kept from before, to be shown and taken away.
 */
export interface KeptFilter {
  /**
   * Its place among the query's `filters`.
   */
  index: number
  /**
   * What the user reads.
   */
  label: string
  /**
   * The query without it, for `Leo::ask_query` in the same session.
   */
  without: SemanticQuery
}
/**
 * A question in the terms of the catalogue.
 *
 * With measures, `dimensions` group and each result row is one group. Without measures, `dimensions` are the columns listed,
 * one result row for each row of `from` (or each distinct combination, with `distinct`).
 */
export interface SemanticQuery {
  /**
   * The table whose rows are meant. Joins start here; a measure may bring its own table.
   */
  from: TableName
  /**
   * Grouping or listed columns, in output order.
   */
  dimensions: Dimension[]
  /**
   * Aggregates, in output order after the dimensions.
   */
  measures: Measure[]
  /**
   * Which rows count.
   */
  filter?: Filter | null
  /**
   * Which groups count; all must hold.
   */
  having: Having[]
  /**
   * Order of the result.
   */
  order: QueryOrder[]
  /**
   * Most rows to return. Rows that the order leaves equal are ordered by the dimensions, or by the key of `from`, so that the
   * same rows are returned each time.
   */
  limit?: number | null
  /**
   * The first rows of each group only.
   */
  top_per?: TopPer | null
  /**
   * Sets each measure beside its value in another period.
   */
  compare?: Comparison | null
  /**
   * Without measures: each combination once.
   */
  distinct: boolean
  /**
   * Combines this result with another's, of the same number of columns.
   *
   * @minItems 2
   * @maxItems 2
   */
  set?: [unknown, unknown] | null
}
/**
 * A grouping or listed column.
 */
export interface Dimension {
  /**
   * Name in the output; unique in the query.
   */
  name: string
  /**
   * What is grouped by.
   */
  value: Scalar
  /**
   * For points in time: truncated to this.
   */
  grain?: Grain | null
  /**
   * Grouped by and there to order by, but not returned: the key behind two customers of one name, the age behind "youngest".
   */
  hidden: boolean
}
/**
 * A column.
 */
export interface ScalarField {
  field: QueryField
}
/**
 * A column, reached from `from` along relationships.
 */
export interface QueryField {
  /**
   * Table of the column.
   */
  table: TableName
  /**
   * Its name.
   */
  column: string
  /**
   * Relationship ids (`crate::catalog::Relationship::id`) from the query's `from` to `table`, for role-playing dimensions
   * and self joins; empty means the preferred path.
   */
  via?: string[]
}
/**
 * A constant; bound as a parameter. Numbers within arithmetic are part of the formula and written out.
 */
export interface ScalarLiteral {
  literal: Value
}
/**
 * Arithmetic; division is never integer division, and by zero gives NULL.
 */
export interface ScalarAsArithmetic {
  arithmetic: ScalarArithmetic
}
export interface ScalarArithmetic {
  /**
   * The operator.
   */
  op: Arithmetic
  /**
   * Left operand.
   */
  left: Scalar
  /**
   * Right operand.
   */
  right: Scalar
}
/**
 * Days from one point in time to another, with fractions where times of day are stored.
 */
export interface ScalarAsDaysBetween {
  days_between: ScalarDaysBetween
}
export interface ScalarDaysBetween {
  /**
   * Earlier.
   */
  from: Scalar
  /**
   * Later.
   */
  to: Scalar
}
/**
 * The first operand that is not NULL.
 */
export interface ScalarCoalesce {
  coalesce: Scalar[]
}
/**
 * An aggregate with a name.
 */
export interface Measure {
  /**
   * Name in the output; unique in the query.
   */
  name: string
  /**
   * What is computed.
   */
  aggregate: Aggregate
  /**
   * Only rows that meet this count for this measure.
   */
  filter?: Filter | null
  /**
   * What is done to the aggregated values.
   */
  transform: Transform & string
  /**
   * Computed for `having` or `order` but not returned.
   */
  hidden: boolean
}
/**
 * Number of rows of a table.
 */
export interface AggregateCountRows {
  count_rows: TableName
}
/**
 * Number of values that are not NULL.
 */
export interface AggregateCount {
  count: Scalar
}
/**
 * Number of different values.
 */
export interface AggregateCountDistinct {
  count_distinct: Scalar
}
/**
 * Sum.
 */
export interface AggregateSum {
  sum: Scalar
}
/**
 * Mean.
 */
export interface AggregateAvg {
  avg: Scalar
}
/**
 * Smallest value.
 */
export interface AggregateMin {
  min: Scalar
}
/**
 * Largest value.
 */
export interface AggregateMax {
  max: Scalar
}
/**
 * One measure divided by another, each aggregated first; NULL when the denominator is 0.
 */
export interface AggregateAsRatio {
  ratio: AggregateRatio
}
export interface AggregateRatio {
  /**
   * Above the line.
   */
  numerator: Measure
  /**
   * Below the line.
   */
  denominator: Measure
}
/**
 * A governed metric of the source, by its name or another one of it: what it computes and the rows that count for it are as people
 * [defined](crate::knowledge::MetricDefinition) them. Of the query's own measures only; `Knowledge::resolve`
 * puts the definition in its place.
 */
export interface AggregateMetric {
  metric: string
}
/**
 * All hold.
 */
export interface FilterAnd {
  and: Filter[]
}
/**
 * At least one holds.
 */
export interface FilterOr {
  or: Filter[]
}
/**
 * It does not hold.
 */
export interface FilterNot {
  not: Filter
}
/**
 * A comparison of two values.
 */
export interface FilterAsCompare {
  compare: FilterCompare
}
export interface FilterCompare {
  /**
   * Left.
   */
  left: Scalar
  /**
   * Operator.
   */
  op: FilterOperator
  /**
   * Right.
   */
  right: Scalar
}
/**
 * Membership in a list.
 */
export interface FilterAsIn {
  in: FilterIn
}
export interface FilterIn {
  /**
   * The value.
   */
  value: Scalar
  /**
   * The list; an empty one matches nothing.
   */
  set: Value[]
}
/**
 * `low ≤ value ≤ high`.
 */
export interface FilterAsBetween {
  between: FilterBetween
}
export interface FilterBetween {
  /**
   * The value.
   */
  value: Scalar
  /**
   * Lower end, included.
   */
  low: Value
  /**
   * Upper end, included.
   */
  high: Value
}
/**
 * A text match without regard to case.
 */
export interface FilterAsText {
  text: FilterText
}
export interface FilterText {
  /**
   * The value.
   */
  value: Scalar
  /**
   * How it is matched.
   */
  kind: TextMatch
  /**
   * The text sought, taken literally (`%` and `_` are escaped).
   */
  text: string
}
/**
 * The value is NULL.
 */
export interface FilterIsNull {
  is_null: Scalar
}
/**
 * A point in time within a window.
 */
export interface FilterAsDuring {
  during: FilterDuring
}
export interface FilterDuring {
  /**
   * The point in time.
   */
  value: QueryField
  /**
   * The window.
   */
  window: TimeWindow
}
/**
 * From `start` (included) to `end` (excluded); either may be open.
 */
export interface TimeWindowAsAbsolute {
  absolute: TimeWindowAbsolute
}
export interface TimeWindowAbsolute {
  /**
   * First day.
   */
  start: string | null
  /**
   * Day after the last.
   */
  end: string | null
}
/**
 * The unit that is running: "this month". Ends at the end of the unit; flagged as incomplete.
 */
export interface TimeWindowCurrent {
  current: TimeUnit
}
/**
 * The last `count` complete units before the running one: "last quarter", "last 3 months".
 */
export interface TimeWindowAsLast {
  last: TimeWindowLast
}
export interface TimeWindowLast {
  /**
   * Unit.
   */
  unit: TimeUnit
  /**
   * How many.
   */
  count: number
}
/**
 * The `count` units that end today, today included: "last 14 days", "the past 12 months up to today".
 */
export interface TimeWindowAsRolling {
  rolling: TimeWindowRolling
}
export interface TimeWindowRolling {
  /**
   * Unit.
   */
  unit: TimeUnit
  /**
   * How many.
   */
  count: number
}
/**
 * From the start of the unit to today, included: "year to date".
 */
export interface TimeWindowToDate {
  to_date: TimeUnit
}
/**
 * The `count` complete units after the running one: "next month".
 */
export interface TimeWindowAsNext {
  next: TimeWindowNext
}
export interface TimeWindowNext {
  /**
   * Unit.
   */
  unit: TimeUnit
  /**
   * How many.
   */
  count: number
}
/**
 * At least `at_least` rows of another table belong to this row; `Not` around it asks for absence. Naming the row's own table
 * asks for its children along a key of the table to itself.
 */
export interface FilterAsExists {
  exists: FilterExists
}
export interface FilterExists {
  /**
   * The other table.
   */
  table: TableName
  /**
   * Conditions on it.
   */
  filter?: Filter | null
  /**
   * Least number of rows; 1 unless set.
   */
  at_least: number
}
/**
 * Membership in the single column of another query.
 */
export interface FilterAsInQuery {
  in_query: FilterInQuery
}
export interface FilterInQuery {
  /**
   * The value.
   */
  value: Scalar
  /**
   * The other query.
   */
  query: SemanticQuery
}
/**
 * A comparison with the single value of another query ("above the average").
 */
export interface FilterAsCompareQuery {
  compare_query: FilterCompareQuery
}
export interface FilterCompareQuery {
  /**
   * Left.
   */
  left: Scalar
  /**
   * Operator.
   */
  op: FilterOperator
  /**
   * The other query.
   */
  query: SemanticQuery
}
/**
 * The row's first event is followed by a later one within so many days, counted by dates ("came back within 90 days").
 */
export interface FilterAsFollowedBy {
  followed_by: FilterFollowedBy
}
export interface FilterFollowedBy {
  /**
   * Table of the events; a child of `from`.
   */
  event: TableName
  /**
   * When an event happened; a column of `event`.
   */
  time: QueryField
  /**
   * Days after the first event, included.
   */
  within_days: number
}
/**
 * Divided by the total over all groups (or over the groups that agree in the named dimensions): 0–1. The total is taken
 * before `having` and `limit`.
 */
export interface TransformAsShareOfTotal {
  share_of_total: TransformShareOfTotal
}
export interface TransformShareOfTotal {
  /**
   * Names of dimensions; empty means everything.
   */
  within: string[]
}
/**
 * A condition on a group.
 */
export interface Having {
  /**
   * Name of a measure, hidden or not.
   */
  measure: string
  /**
   * Operator.
   */
  op: FilterOperator
  /**
   * What it is compared with.
   */
  value: HavingValue
}
/**
 * A constant.
 */
export interface HavingValueValue {
  value: Value
}
/**
 * One key of the order.
 */
export interface QueryOrder {
  /**
   * Name of a dimension or measure, hidden or not.
   */
  by: string
  /**
   * Largest first; NULLs come last either way.
   */
  descending: boolean
}
/**
 * The first `n` rows of each group.
 */
export interface TopPer {
  /**
   * Names of the dimensions that make a group.
   */
  within: string[]
  /**
   * Rows kept for each; ties broken by the query's order, then by the dimensions.
   */
  n: number
  /**
   * What ranks them: a measure or dimension.
   */
  by: QueryOrder
}
/**
 * Sets each measure beside another period's: adds `<name>_previous`, `<name>_change` and `<name>_change_pct` (a fraction; NULL when
 * the previous value is 0 or missing).
 */
export interface Comparison {
  /**
   * The time column.
   */
  time: QueryField
  /**
   * The window asked about.
   */
  window: TimeWindow
  /**
   * With what.
   */
  base: ComparisonBase
}
/**
 * A window of its own.
 */
export interface ComparisonBaseWindow {
  window: TimeWindow
}
/**
 * A question back to the user. An option is chosen by asking its query (`Leo::ask_query`).
 */
export interface ClarificationRequest {
  /**
   * What is unclear, as a question.
   */
  question: string
  /**
   * Answers to choose from, best first.
   */
  options: ClarifyOption[]
}
/**
 * One answer to a clarification.
 */
export interface ClarifyOption {
  /**
   * What the user reads.
   */
  label: string
  /**
   * What is computed if it is chosen; null where the label is a question of its own, to be asked.
   */
  query: SemanticQuery | null
}
/**
 * A statement that waits for approval.
 */
export interface ApprovalRequest {
  /**
   * Why, for people.
   */
  reasons: string[]
  /**
   * What it would cost, where the engine says.
   */
  estimate?: Estimate | null
}
/**
 * What a statement would cost.
 */
export interface Estimate {
  /**
   * Rows the engine expects to read or return.
   */
  rows?: number | null
  /**
   * Bytes billed.
   */
  bytes?: number | null
  /**
   * The engine's own cost figure.
   */
  cost?: number | null
}
/**
 * Why there is no answer.
 */
export interface Refusal {
  /**
   * For people, with what to do next.
   */
  message: string
  /**
   * Words of the question that nothing in the data is called.
   */
  missing: string[]
  /**
   * Questions or names that would work.
   */
  suggestions: string[]
  /**
   * The guard's findings.
   */
  findings: Finding[]
}
/**
 * A question that is answered later: `Leo::tickets`.
 */
export interface Ticket {
  /**
   * UUIDv7.
   */
  id: string
  /**
   * What was asked.
   */
  question: string
  /**
   * Id of the source.
   */
  source: string
  /**
   * The conversation that it belongs to.
   */
  session_id?: string | null
  /**
   * What it waits for.
   */
  reason: TicketReason
  /**
   * Its place among what waits for the tenant, from 1.
   */
  position: number
  /**
   * About when it is its turn, in milliseconds from now; nothing where nobody knows.
   */
  eta_ms?: number | null
  /**
   * When it was asked.
   */
  created_at: string
  /**
   * Until when the answer is of use.
   */
  deadline: string
}
/**
 * What an answer was made from: hashes and versions that tell whether it would come out the same.
 */
export interface Provenance {
  /**
   * Version of Leo.
   */
  leo_version: string
  /**
   * `builtin`, `verified` for the statement of a verified question, `model` for one that a model wrote, `host` for what was passed in.
   */
  planner: string
  /**
   * Which model wrote the statement, in its host's words.
   */
  model?: string | null
  /**
   * Version of the prompt's words, where a model was asked.
   */
  prompt_version?: string | null
  /**
   * Hash of everything the model was sent first.
   */
  prompt_hash?: string | null
  /**
   * Which model wrote the narrative; `None` for one that was made by rules.
   */
  narrative?: NarrativeProvenance | null
  /**
   * The preset in force.
   */
  preset: Preset
  /**
   * The semantic query, unless the statement was passed in, verified or written by a model.
   */
  query?: SemanticQuery | null
  /**
   * Version of the catalogue.
   */
  catalog_hash: string
  /**
   * Hash of the policy in force.
   */
  policy_hash?: string | null
  /**
   * Hash of the settings in force.
   */
  settings_hash: string
  /**
   * Hash of statement and values.
   */
  sql_hash?: string | null
  /**
   * Hash of the rows.
   */
  result_hash?: string | null
  /**
   * Id of the audit event that announced the statement.
   */
  statement_audit_id?: string | null
}
/**
 * What a narrative by a model was made from.
 */
export interface NarrativeProvenance {
  /**
   * Which model wrote it, in its host's words.
   */
  model?: string | null
  /**
   * Version of the prompt's words.
   */
  prompt_version: string
  /**
   * Hash of everything the model was sent for it.
   */
  prompt_hash: string
}
/**
 * How recent a table's rows are.
 */
export interface Freshness {
  /**
   * The table.
   */
  table: string
  /**
   * The column that says when a row happened.
   */
  column: string
  /**
   * Its latest value when the source was last synced.
   */
  latest: string
}
/**
 * Something the reader should know about a result. Holds counts and names, never a value of the result.
 */
export interface AnswerWarning {
  /**
   * What it is.
   */
  code: WarningCode
  /**
   * For people.
   */
  message: string
  /**
   * What to do about it.
   */
  suggestion?: string | null
}
/**
 * What an answer took.
 */
export interface Usage {
  /**
   * Statements run.
   */
  statements: number
  /**
   * Rows read from the database.
   */
  rows: number
  /**
   * Tokens that models read and wrote.
   */
  tokens: number
  /**
   * Requests to models, each try counted.
   */
  model_calls: number
  /**
   * Tokens that models read.
   */
  input_tokens: number
  /**
   * Of those, tokens that a service remembered.
   */
  cached_tokens: number
  /**
   * Tokens that models wrote.
   */
  output_tokens: number
  /**
   * What models cost in US dollars; null where no price is known, or none was asked.
   */
  cost_usd: number | null
}
/**
 * How long an answer took, in microseconds.
 */
export interface Timings {
  /**
   * From the call to the answer.
   */
  total_us: number
  /**
   * Within that, waiting for the database.
   */
  database_us: number
  /**
   * Each stage that was reached, in order.
   */
  stages: StageTiming[]
}
/**
 * How long one stage took.
 */
export interface StageTiming {
  /**
   * The stage.
   */
  stage: Stage
  /**
   * Microseconds.
   */
  us: number
}
/**
 * The question waits for others of its tenant.
 */
export interface AskEventQueued {
  event: 'queued'
  /**
   * Its place in the line, from 1.
   */
  position: number
}
/**
 * A stage began.
 */
export interface AskEventStarted {
  event: 'started'
  /**
   * Which.
   */
  stage: Stage
}
/**
 * A stage ended, whether well or not.
 */
export interface AskEventFinished {
  event: 'finished'
  /**
   * Which.
   */
  stage: Stage
  /**
   * How long it took, in microseconds.
   */
  us: number
}
/**
 * A model is asked, or an earlier answer of it is looked for.
 */
export interface AskEventModelAsked {
  event: 'model_asked'
  /**
   * What for.
   */
  purpose: ModelPurpose
}
/**
 * A model answered, or failed.
 */
export interface AskEventModelAnswered {
  event: 'model_answered'
  /**
   * What for.
   */
  purpose: ModelPurpose
  /**
   * Whether it answered.
   */
  ok: boolean
  /**
   * How long it took, in microseconds.
   */
  us: number
}
/**
 * One thing that happened, as plain data. Optional fields are left out of the JSON when absent.
 */
export interface AuditEvent {
  /**
   * UUIDv7 of this event.
   */
  id: string
  /**
   * When it happened.
   */
  at: string
  /**
   * `question`, `statement`, `statement_outcome`, `security_gate_decision`, `tool_invocation`, `sync`, `settings_changed`, or a
   * host's own.
   */
  action: string
  /**
   * For an outcome: the id of the attempt it closes.
   */
  attempt?: string | null
  /**
   * The tenant.
   */
  tenant: string
  /**
   * The user.
   */
  user: string
  /**
   * `local` or `embedded`.
   */
  preset?: string | null
  /**
   * The source's id.
   */
  source?: string | null
  /**
   * What was acted on, for instance a table or a file.
   */
  target?: string | null
  /**
   * Why Leo ran a statement: `ask`, `sql`, `probe`, `profile`, `eval` …
   */
  purpose?: string | null
  /**
   * The question as asked, masked where it holds PII.
   */
  question?: string | null
  /**
   * The text as sent to the database; e-mail addresses and long numbers in its literals are masked.
   */
  sql?: string | null
  /**
   * SHA-256 of the unmasked text and its parameters; the parameters' values themselves are not recorded.
   */
  sql_hash?: string | null
  /**
   * The guard's verdict.
   */
  verdict?: Verdict | null
  /**
   * Ids of the rules that found something.
   */
  rules?: string[]
  /**
   * Status of the answer, or `ok`, `failed`, `cancelled`, `refused`, `needs_approval`, `over_budget`.
   */
  status?: string | null
  /**
   * Error kind when it failed.
   */
  error?: string | null
  /**
   * Rows returned.
   */
  rows?: number | null
  /**
   * Whether there were more rows than were returned.
   */
  truncated?: boolean | null
  /**
   * How long it took.
   */
  duration_ms?: number | null
  /**
   * Fingerprint of the catalogue in force.
   */
  catalog_hash?: string | null
  /**
   * Hash of the policy in force with its variables bound.
   */
  policy_hash?: string | null
  /**
   * Hash of the settings in force.
   */
  settings_hash?: string | null
  /**
   * Hash of the result.
   */
  result_hash?: string | null
  /**
   * Hash of everything a model was sent.
   */
  prompt_hash?: string | null
  /**
   * What of the source's data a model may see: `none`, `categories` or `rows`.
   */
  disclosure?: string | null
  /**
   * Which model answered.
   */
  model?: string | null
  /**
   * Tokens that models read, of all attempts.
   */
  input_tokens?: number | null
  /**
   * Tokens that models wrote, of all attempts.
   */
  output_tokens?: number | null
  /**
   * What that cost, in millionths of a US dollar.
   */
  cost_micro_usd?: number | null
  /**
   * Conversation.
   */
  session?: string | null
  /**
   * W3C trace id.
   */
  trace_id?: string | null
  /**
   * Address of the caller.
   */
  address?: string | null
  /**
   * Program of the caller.
   */
  agent?: string | null
  /**
   * Version of Leo.
   */
  leo_version?: string | null
}
/**
 * Everything known about a source's structure.
 */
export interface Catalog {
  /**
   * Dialect of the source.
   */
  dialect: Dialect
  /**
   * The schema a bare name means; names of this schema may be written bare.
   */
  default_schema?: string | null
  /**
   * Tables and views, ordered by name.
   */
  tables: CatalogTable[]
  /**
   * Declared and inferred relationships.
   */
  relationships: Relationship[]
}
/**
 * A table or view.
 */
export interface CatalogTable {
  /**
   * Its name.
   */
  name: TableName
  /**
   * Table, view or materialised view.
   */
  kind: TableKind & string
  /**
   * Columns in the engine's order.
   */
  columns: CatalogColumn[]
  /**
   * Columns of the primary key, in key order; empty when there is none.
   */
  primary_key: string[]
  /**
   * Other unique keys.
   */
  unique_keys: string[][]
  /**
   * Declared foreign keys.
   */
  foreign_keys: ForeignKey[]
  /**
   * Columns of each index.
   */
  indexes: string[][]
  /**
   * Comment in the database.
   */
  comment?: string | null
  /**
   * A view's definition.
   */
  definition?: string | null
  /**
   * Tables whose rows this relation holds or shows under another name: what a materialised view, a partition or child table, a
   * synonym, a history or change table or a full-text index is made of. A view's are read from its definition.
   */
  rows_of?: TableName[]
  /**
   * Row count: exact when profiled, else the engine's estimate.
   */
  rows?: number | null
  /**
   * Size in bytes, where the engine tells it.
   */
  bytes?: number | null
  /**
   * Changes whenever rows of the table do, in the engine's own terms; none where the engine does not tell. What was found out about a
   * table holds as long as this stays as it is.
   */
  data_version?: string | null
  /**
   * From profiling.
   */
  statistics?: TableStatistics | null
  /**
   * What part it plays: things, happenings, lists …
   */
  role?: TableRole | null
  /**
   * What people call it, where the name does not say it by itself.
   */
  term?: Term | null
  /**
   * What it holds, in a sentence.
   */
  description?: Description | null
  /**
   * How good its rows are.
   */
  quality?: TableQuality | null
}
/**
 * A column.
 */
export interface CatalogColumn {
  /**
   * The name in the engine's own spelling.
   */
  name: string
  /**
   * The type as the engine declares it; may be empty in SQLite.
   */
  declared_type: string
  /**
   * What the type means to Leo.
   */
  data_type: LogicalType
  /**
   * Whether NULL is allowed.
   */
  nullable: boolean
  /**
   * Default expression.
   */
  default?: string | null
  /**
   * Comment in the database.
   */
  comment?: string | null
  /**
   * How a point in time is stored, for columns that hold one.
   */
  time_encoding?: TimeEncoding | null
  /**
   * From profiling.
   */
  statistics?: ColumnStatistics | null
  /**
   * What it tells about people, when it does.
   */
  personal?: PersonalData | null
  /**
   * What people call it, where the name does not say it by itself.
   */
  term?: Term | null
  /**
   * What it holds, in a sentence.
   */
  description?: Description | null
}
/**
 * Statistics of a column. Values are as restricted as the rows they come from: they reach neither prompts, logs nor audit.
 */
export interface ColumnStatistics {
  /**
   * Share of NULLs, 0–1.
   */
  null_share: number
  /**
   * Distinct non-NULL values; exact up to 16,384 and for columns without repeated values, else estimated (adaptive sampling,
   * standard error about 1 %).
   */
  distinct: number
  /**
   * Whether no non-NULL value occurs twice in the rows seen and there is more than one row.
   */
  is_unique: boolean
  /**
   * Smallest value.
   */
  min?: Value | null
  /**
   * Largest value.
   */
  max?: Value | null
  /**
   * Mean, for numbers.
   */
  mean?: number | null
  /**
   * 5 %, 25 %, 50 %, 75 %, 95 % quantiles, for numbers; exact up to 10,000 values, else of a random sample of as many: their ranks are off by
   * at most half a percent of the rows (one standard error).
   *
   * @minItems 5
   * @maxItems 5
   */
  quantiles?: [number, number, number, number, number] | null
  /**
   * Shortest, mean and longest length in characters, for text.
   *
   * @minItems 3
   * @maxItems 3
   */
  length?: [number, number, number] | null
  /**
   * Most frequent values with their counts, most frequent first: all of them when there are at most 1,000 distinct ones, else 50
   * with counts that may be too low (Misra–Gries, by at most a two-thousandth of the rows); none for a column without repeated values.
   */
  top?: [unknown, unknown][]
  /**
   * Shapes of text values with their share, most frequent first: letters become `a`, digits `9`, runs collapse.
   */
  patterns?: [unknown, unknown][]
}
/**
 * Personal data in a column.
 */
export interface PersonalData {
  /**
   * What it is, in lower case: `email`, `phone`, `name`, `iban`, `birth_date` …
   */
  kind: string
  /**
   * How sure that is.
   */
  tier: PersonalTier
  /**
   * Why, in a sentence without values; none where the host says so.
   */
  reason?: string | null
}
/**
 * What people call a table or column: `cust_nm` is the `customer name`.
 */
export interface Term {
  /**
   * Words in lower case.
   */
  text: string
  /**
   * Where it comes from.
   */
  origin: TermOrigin
  /**
   * 0–1.
   */
  confidence: number
}
/**
 * What a table or column holds, in a sentence.
 */
export interface Description {
  /**
   * The sentence.
   */
  text: string
  /**
   * Where it comes from.
   */
  origin: DescriptionOrigin
}
/**
 * A declared foreign key.
 */
export interface ForeignKey {
  /**
   * Columns of this table.
   */
  columns: string[]
  /**
   * The referenced table.
   */
  references: TableName
  /**
   * The referenced columns, in the same order.
   */
  referenced_columns: string[]
}
/**
 * Statistics of a table.
 */
export interface TableStatistics {
  /**
   * Rows seen.
   */
  rows: number
  /**
   * Share of the table that was read, 0–1.
   */
  sampled: number
  /**
   * The column that says when a row happened, when one could be chosen.
   */
  time_column?: string | null
  /**
   * The latest value of that column.
   */
  latest?: Value | null
}
/**
 * The part a table plays, and why that is thought.
 */
export interface TableRole {
  /**
   * What its rows are.
   */
  kind: RoleKind
  /**
   * 0–1; 1 where a person said so.
   */
  confidence: number
  /**
   * Why, in one sentence without values of rows.
   */
  reason: string
  /**
   * Whether a person said so.
   */
  confirmed: boolean
}
/**
 * How good the rows of a table are, as computed from them: for a user who may see only some of them there is none.
 */
export interface TableQuality {
  /**
   * 0–100, of the checks below.
   */
  score: number
  /**
   * What was checked, failed ones first, worst first.
   */
  checks: QualityCheck[]
  /**
   * Scores of earlier syncs, oldest first, this one last.
   */
  history?: QualityPoint[]
}
/**
 * One check of a table.
 */
export interface QualityCheck {
  /**
   * Stable name within the table: `completeness(email)`, `references(customer_id)`, `validity.future(order_date)`.
   */
  id: string
  /**
   * What it looks at.
   */
  kind: CheckKind
  /**
   * How bad it is when it fails.
   */
  severity: Severity
  /**
   * Whether all is well.
   */
  passed: boolean
  /**
   * What was found, in a sentence without values of rows.
   */
  message: string
  /**
   * Columns it looks at.
   */
  columns?: string[]
  /**
   * Rows that offend.
   */
  offending: number
  /**
   * Rows that were looked at.
   */
  examined: number
  /**
   * The statement that counts the offending rows, where a check that failed has one.
   */
  sql?: string | null
}
/**
 * The quality of a table at one time.
 */
export interface QualityPoint {
  /**
   * When.
   */
  at: string
  /**
   * 0–100.
   */
  score: number
  /**
   * Checks that failed.
   */
  failed: number
}
/**
 * A child's columns pointing at a parent's key.
 */
export interface Relationship {
  /**
   * The table that points.
   */
  child: TableName
  /**
   * Its columns.
   */
  child_columns: string[]
  /**
   * The table pointed at.
   */
  parent: TableName
  /**
   * Its key columns, in the same order.
   */
  parent_columns: string[]
  /**
   * Many-to-one or one-to-one.
   */
  cardinality: Cardinality
  /**
   * Declared, inferred or added by the host.
   */
  origin: RelationshipOrigin
  /**
   * 0–1; 1 for declared keys.
   */
  confidence: number
}
/**
 * What a connection test found.
 */
export interface ConnectionReport {
  /**
   * Milliseconds from the first packet to the last answer.
   */
  latency_ms: number
  /**
   * The server's version in its own words.
   */
  server_version: string
  /**
   * Tables and views that the login may read.
   */
  tables_found: number
  /**
   * Whether the login can only read.
   */
  read_only: boolean
  /**
   * What works but should not stay: a login that can write, a connection without TLS, more than 200 tables.
   */
  warnings: string[]
}
/**
 * A source at a glance, as far as a user may see it: `Leo::map`.
 */
export interface DataMap {
  /**
   * Id of the source.
   */
  source: string
  /**
   * The language of its statements.
   */
  dialect: Dialect
  /**
   * Changes with the structure that the user may see.
   */
  version: string
  /**
   * When the source was looked at last.
   */
  learned: string
  /**
   * Whether that is more than 72 hours ago.
   */
  is_stale: boolean
  /**
   * 0 to 100: the mean of the tables' scores, where any was checked.
   */
  quality?: number | null
  /**
   * Favourites first, then by name.
   */
  tables: TableSummary[]
  /**
   * Tables to begin with, best first.
   */
  starters: Starter[]
  /**
   * How many ways there are to join tables.
   */
  relationships: number
  /**
   * Governed metrics whose columns the user may see.
   */
  metrics: MetricSummary[]
  /**
   * What words of the business mean.
   */
  glossary: GlossaryTerm[]
  /**
   * Questions that can be asked, each of which the built-in planner understands.
   */
  questions: string[]
}
/**
 * A table at a glance.
 */
export interface TableSummary {
  /**
   * Its name.
   */
  name: TableName
  /**
   * What it is to the database.
   */
  kind: TableKind
  /**
   * What people call it, where that is not its name.
   */
  term?: string | null
  /**
   * What part it plays.
   */
  role?: RoleKind | null
  /**
   * What a row is, in a sentence.
   */
  description?: string | null
  /**
   * How many columns the user may see.
   */
  columns: number
  /**
   * Rows, perhaps estimated.
   */
  rows?: number | null
  /**
   * How new its newest row is.
   */
  freshness?: TableFreshness | null
  /**
   * How good its rows are, 0 to 100.
   */
  quality?: number | null
  /**
   * Checks of its rows that failed.
   */
  failing: number
  /**
   * Columns with personal data.
   */
  personal: number
  /**
   * Whether the user sees its structure alone, because its rows are filtered or masked.
   */
  locked: boolean
  /**
   * Who answers for it.
   */
  owner?: string | null
  /**
   * Words to find it by.
   */
  tags?: string[]
  /**
   * Whether it is shown among the first.
   */
  favourite: boolean
}
/**
 * How new the newest row of a table is.
 */
export interface TableFreshness {
  /**
   * The column that tells.
   */
  column: string
  /**
   * The day, or the point in time as the column has it.
   */
  latest: string
  /**
   * Whole hours since; a day counts to its end. Negative for what lies ahead. None where the column's form tells no point in time.
   */
  hours?: number | null
  /**
   * Hours that were agreed on.
   */
  within_hours?: number | null
  /**
   * Whether it is older than was agreed on.
   */
  is_late: boolean
}
/**
 * A table to begin with.
 */
export interface Starter {
  /**
   * Its name.
   */
  table: TableName
  /**
   * 0–1, against the best one.
   */
  score: number
  /**
   * Why, in one sentence without values of rows.
   */
  reason: string
}
/**
 * A governed metric at a glance.
 */
export interface MetricSummary {
  /**
   * Its name.
   */
  name: string
  /**
   * Other names.
   */
  synonyms?: string[]
  /**
   * The table whose rows it aggregates.
   */
  table: TableName
  /**
   * What it computes, as `leo.yaml` writes it; none where that has no words for it.
   */
  formula?: string | null
  /**
   * What it is for.
   */
  description?: string | null
}
/**
 * A word of the business and what it means there.
 */
export interface GlossaryTerm {
  /**
   * The word or words.
   */
  term: string
  /**
   * What is meant.
   */
  means: string
  /**
   * Other words for it.
   */
  synonyms?: string[]
}
/**
 * A source whose sync was due.
 */
export interface DueSync {
  /**
   * The source.
   */
  source: string
  /**
   * When the sync was due; none where the source was never synced.
   */
  due: string | null
  /**
   * How it went; none where it could not begin.
   */
  status?: SyncStatus | null
  /**
   * Why it failed, with what to do about it.
   */
  error?: ErrorInfo | null
}
/**
 * How the last sync of a source went, or how far the one under way is.
 */
export interface SyncStatus {
  /**
   * Where it is.
   */
  state: SyncState
  /**
   * What it does, while it is under way.
   */
  stage?: SyncStage | null
  /**
   * Tables done in this stage.
   */
  done: number
  /**
   * Tables of this stage.
   */
  total: number
  /**
   * While it waits for its turn: how many begin before it, and it.
   */
  position?: number | null
  /**
   * Milliseconds that the rest of the stage will take, by what was done of it.
   */
  eta_ms?: number | null
  /**
   * When it began.
   */
  began?: string | null
  /**
   * When it ended.
   */
  ended?: string | null
  /**
   * Why it ended early: what the error said.
   */
  error?: string | null
  /**
   * Tables without statistics, by name.
   */
  failed: FailedTable[]
  /**
   * How the structure changed since the sync before; none where nothing is known of that.
   */
  drift?: Drift | null
  /**
   * Tables of which only the first rows are read, because somebody decided so.
   */
  sampled?: TableName[]
  /**
   * What people said of the source that was of no effect when the sync ended: tables and columns that are not there.
   */
  mistakes?: Mistake[]
}
/**
 * A table that a sync could not read.
 */
export interface FailedTable {
  /**
   * The table.
   */
  table: TableName
  /**
   * What kind of failure it was.
   */
  class: FailureClass
  /**
   * What the error said, and what to do about it.
   */
  message: string
  /**
   * When.
   */
  at: string
  /**
   * Whether somebody said to go on without it: later syncs do not try.
   */
  skipped: boolean
}
/**
 * How a structure differs from the one before; names alone, in their order.
 */
export interface Drift {
  /**
   * Tables that are new.
   */
  added?: TableName[]
  /**
   * Tables that are gone.
   */
  removed?: TableName[]
  /**
   * Tables that are other ones now.
   */
  changed?: ChangedTable[]
}
/**
 * A table whose structure changed.
 */
export interface ChangedTable {
  /**
   * The table.
   */
  table: TableName
  /**
   * Columns that are new.
   */
  added?: string[]
  /**
   * Columns that are gone.
   */
  removed?: string[]
  /**
   * Columns with another type, nullability, default or comment.
   */
  changed?: string[]
  /**
   * Whether keys, indexes, the comment or a view's query are others.
   */
  other: boolean
}
/**
 * Something that knowledge says and that is of no effect as it stands.
 */
export interface Mistake {
  /**
   * Line of the file, from 1, where it was read from one.
   */
  line?: number | null
  /**
   * Where, as `metrics[2]` or `tables.orders.columns.email`.
   */
  at: string
  /**
   * What is wrong, with the nearest names.
   */
  message: string
}
/**
 * An error: a kind for the program, a message for a person, context for the log.
 */
export interface ErrorInfo {
  kind: ErrorKind
  /**
   * For people, with what to do next.
   */
  message: string
  /**
   * Facts such as `table` or `source`.
   */
  context: {
    [k: string]: string
  }
  /**
   * What the guard found.
   */
  findings: Finding[]
  /**
   * Milliseconds to wait before another attempt, where that is known.
   */
  retry_after_ms?: number
}
/**
 * A finished run.
 *
 * As JSON it can be kept, to be compared with later and shown as a page. References are not in it: they belong to the suite.
 */
export interface Evaluation {
  /**
   * The figures.
   */
  report: EvaluationReport
  /**
   * One result for each question, in the suite's order.
   */
  questions: QuestionResult[]
  /**
   * What changed since an earlier run, where there is one to compare with.
   */
  comparison?: RunComparison | null
  /**
   * The bounds that are not held, a sentence each; nothing where none were given.
   */
  missed?: string[] | null
}
/**
 * The figures of a run; shares are 0–1.
 */
export interface EvaluationReport {
  /**
   * Number of questions.
   */
  questions: number
  /**
   * Number of answers.
   */
  answered: number
  /**
   * Answers by questions.
   */
  coverage: number
  /**
   * Right by questions. A question that cannot be answered is right when it is not.
   */
  execution_match: number
  /**
   * Right answers by answers; 0 when there is none.
   */
  execution_match_answered: number
  /**
   * Latency of all questions.
   */
  latency_ms: EvaluationLatency
  /**
   * Number of questions of each status.
   */
  by_status: {
    [k: string]: number
  }
  /**
   * Questions whose every reference was refused; they count as wrong.
   */
  gold_refused: number
  /**
   * Questions whose every reference failed for another reason; they count as wrong.
   */
  gold_failed: number
  /**
   * Stricter variants.
   */
  strict: EvaluationStrict
  /**
   * By turn of the conversation.
   */
  per_turn?: {
    [k: string]: EvaluationShare
  }
  /**
   * Conversations; right when every turn is.
   */
  per_dialogue?: EvaluationShare | null
  /**
   * Share of the ambiguous questions that were answered with a question.
   */
  ambiguous_recognised?: number | null
  /**
   * Share of the questions that cannot be answered that were not answered.
   */
  unanswerable_recognised?: number | null
  /**
   * The risk–coverage curve, from the surest answers down.
   */
  risk_coverage?: RiskPoint[]
  /**
   * Mean soft score of all questions: how much of the answers is right, beside how many are. What was not answered has 0, what cannot
   * be answered 1 when it was not.
   */
  soft_score: number
  /**
   * The area under the risk–coverage curve: the mean, over the answers from the surest down, of the share of wrong ones up to there. 0 is best; as much
   * as the share of wrong answers is what a confidence that says nothing reaches. Answers of equal confidence count as if in random order.
   * Nothing when an answer has no confidence. Y. Geifman, G. Uziel and R. El-Yaniv, "Bias-Reduced Uncertainty Estimation for Deep
   * Neural Classifiers", ICLR 2019.
   */
  aurc?: number | null
  /**
   * What would be shown if at most 0.10 of it were to be wrong: `operating_point`.
   */
  at_error_rate?: RiskPoint | null
  /**
   * How often the tables that questions need were found.
   */
  retrieval?: EvaluationRetrieval | null
  /**
   * Tokens that models read and wrote.
   */
  tokens?: EvaluationSpent | null
  /**
   * What models cost, in US dollars.
   */
  cost_usd?: EvaluationSpent | null
  /**
   * Right answers by tag; a question with several counts for each.
   */
  per_tag?: {
    [k: string]: EvaluationShare
  }
}
/**
 * Percentiles of the answers' latency.
 */
export interface EvaluationLatency {
  /**
   * Median.
   */
  p50: number
  /**
   * 95th percentile.
   */
  p95: number
  /**
   * 99th percentile.
   */
  p99: number
}
/**
 * Stricter variants of the rule.
 */
export interface EvaluationStrict {
  /**
   * With `DISTINCT` kept on both sides.
   */
  distinct_kept: number
  /**
   * With `DISTINCT` kept and columns in the reference's order.
   */
  column_order_kept: number
}
/**
 * A share with what it is a share of.
 */
export interface EvaluationShare {
  /**
   * How many there are.
   */
  questions: number
  /**
   * Share of them that is right, 0–1.
   */
  correct: number
}
/**
 * A point of the risk–coverage curve: what would be shown if answers below a confidence were held back.
 */
export interface RiskPoint {
  /**
   * Least confidence shown.
   */
  confidence: number
  /**
   * Share of all questions that would be answered.
   */
  coverage: number
  /**
   * Share of those answers that is wrong.
   */
  risk: number
}
/**
 * How often the tables that questions need were found.
 */
export interface EvaluationRetrieval {
  /**
   * Questions of which both is known: what they need, and what was found.
   */
  questions: number
  /**
   * Tables that count, of those that were found.
   */
  k: number
  /**
   * Mean share of the needed tables among the first k, 0–1.
   */
  recall: number
  /**
   * Share of the questions all of whose tables are among the first k.
   */
  all_found: number
}
/**
 * What questions cost, in tokens or US dollars.
 */
export interface EvaluationSpent {
  /**
   * Questions of which it is known.
   */
  questions: number
  /**
   * Of all of them.
   */
  total: number
  /**
   * Of one, on average.
   */
  mean: number
  /**
   * 95th percentile, nearest rank.
   */
  p95: number
}
/**
 * The result of one question. In JSON: `{id, db, question, status, sql, correct, confidence, ms}`, with `turn` in conversations,
 * `error` and `mismatch` where there was one, and `soft`, `recall`, `tokens`, `cost_usd` and `tags` where they are known. References, and
 * whether there are any, are in no JSON: they belong to the suite.
 */
export interface QuestionResult {
  /**
   * Id of the row.
   */
  id: string | number
  /**
   * Name of the database.
   */
  db: string
  /**
   * The question.
   */
  question: string
  /**
   * Which turn of its conversation it is, from 1.
   */
  turn?: number | null
  /**
   * Status of the answer, or `error:<kind>`.
   */
  status: string
  /**
   * Statement of the answer, with its parameters.
   */
  sql: string | null
  /**
   * Right by execution match; for a question that cannot be answered: not answered.
   */
  correct: boolean
  /**
   * How sure the answer was, 0–1.
   */
  confidence: number | null
  /**
   * How long the answer took.
   */
  ms: number
  /**
   * What went wrong, without values.
   */
  error?: string | null
  /**
   * How much of the answer is right, 0–1: `Judgement::soft`.
   */
  soft?: number | null
  /**
   * In what the answer differs from the reference it is most like.
   */
  mismatch?: Mismatch | null
  /**
   * Share of the tables that the question needs among the first ten that were found for it, 0–1.
   */
  recall?: number | null
  /**
   * Tokens that models read and wrote.
   */
  tokens?: number | null
  /**
   * What models cost, in US dollars.
   */
  cost_usd?: number | null
  /**
   * What the question is about, in the suite's words.
   */
  tags?: string[]
  /**
   * No reference gave a result, because the guard refused it.
   */
  gold_refused?: boolean
  /**
   * No reference gave a result, for another reason.
   */
  gold_failed?: boolean
}
/**
 * What changed between two runs.
 */
export interface RunComparison {
  /**
   * Questions that both runs asked.
   */
  questions: number
  /**
   * Share of them that was right before, 0–1.
   */
  before: number
  /**
   * Share of them that is right now, 0–1.
   */
  after: number
  /**
   * Wrong before, right now.
   */
  fixed: QuestionChange[]
  /**
   * Right before, wrong now.
   */
  broken: QuestionChange[]
  /**
   * Questions of the first run only.
   */
  missing: number
  /**
   * Questions of the second run only.
   */
  added: number
  /**
   * Where the share before lies with a confidence of 95 %, by Wilson.
   */
  before_interval: ConfidenceInterval
  /**
   * Where the share now lies with a confidence of 95 %, by Wilson.
   */
  after_interval: ConfidenceInterval
  /**
   * Whether the difference may be chance.
   */
  significance: McNemar
  /**
   * Which questions the first run alone has.
   */
  missing_questions?: QuestionName[]
  /**
   * Which questions the second run alone has.
   */
  added_questions?: QuestionName[]
}
/**
 * A question whose verdict changed.
 */
export interface QuestionChange {
  /**
   * Id of the row.
   */
  id: string | number
  /**
   * Name of the database.
   */
  db: string
  /**
   * The question.
   */
  question: string
  /**
   * What came of it before.
   */
  before: QuestionOutcome
  /**
   * What came of it now.
   */
  after: QuestionOutcome
}
/**
 * What came of a question in one of two runs.
 */
export interface QuestionOutcome {
  /**
   * Status of the answer, or `error:<kind>`.
   */
  status: string
  /**
   * Statement of the answer.
   */
  sql: string | null
}
/**
 * Where a share lies with a confidence of 95 %.
 */
export interface ConfidenceInterval {
  /**
   * Lower end, 0–1.
   */
  low: number
  /**
   * Upper end, 0–1.
   */
  high: number
}
/**
 * McNemar's test of two runs over the same questions.
 */
export interface McNemar {
  /**
   * Questions that were right before and are wrong now.
   */
  b: number
  /**
   * Questions that were wrong before and are right now.
   */
  c: number
  /**
   * How likely a difference as large or larger is when neither run is better, 0–1: exact, two-sided.
   */
  p_value: number
  /**
   * The mid-p value, which is less cautious: what is as likely as what came out counts half.
   */
  mid_p: number
}
/**
 * What a question is known by.
 */
export interface QuestionName {
  /**
   * Id of the row.
   */
  id: string | number
  /**
   * Name of the database.
   */
  db: string
  /**
   * The question.
   */
  question: string
}
/**
 * One setting as `Resolved::explain` shows it.
 */
export interface ExplainedSetting {
  /**
   * Dotted path.
   */
  path: string
  /**
   * Value in force.
   */
  value: unknown
  /**
   * The level that set it.
   */
  set_by: SettingsLevel
  /**
   * What it means.
   */
  doc: string
}
/**
 * What a search found.
 */
export interface Hit {
  /**
   * What it is.
   */
  kind: HitKind
  /**
   * The table, for whatever is of one.
   */
  table?: TableName | null
  /**
   * The column, where one was found.
   */
  column?: string | null
  /**
   * What people call it, where it is theirs: the name of a metric, a word of the glossary, a verified question.
   */
  name?: string | null
  /**
   * How well it fits, 0–1.
   */
  score: number
  /**
   * Where the best word was found.
   */
  place: HitPlace
}
/**
 * The context as plain data, handed to adapters in any language.
 */
export interface HostContext {
  /**
   * The tenant.
   */
  tenant: string
  /**
   * The user.
   */
  user: string
  /**
   * The user's roles.
   */
  roles: string[]
  /**
   * The user's attributes.
   */
  attributes: {
    [k: string]: Attribute
  }
  /**
   * IANA name of the user's zone.
   */
  time_zone: string
  /**
   * BCP 47 tag.
   */
  locale: string
  /**
   * The moment the question is asked.
   */
  now: string
  /**
   * Conversation.
   */
  session: string | null
  /**
   * Where the call comes from.
   */
  client: ClientInfo
  /**
   * W3C `traceparent`.
   */
  trace_parent: string | null
}
/**
 * The caller's address and program, for the audit.
 */
export interface ClientInfo {
  /**
   * Network address, when there is one.
   */
  address: string | null
  /**
   * User agent or program.
   */
  agent: string | null
}
/**
 * What is known about a source, as one version of it.
 */
export interface KnowledgeVersion {
  /**
   * Counts changes; 0 for what the host handed to the builder.
   */
  version: number
  /**
   * When it was changed.
   */
  changed_at?: string | null
  /**
   * Who changed it.
   */
  changed_by?: string | null
  /**
   * What was said, without what the host handed to the builder.
   */
  knowledge: Knowledge
}
/**
 * Business knowledge about a source. Empty by default; entries that name tables or columns the source does not have are of no effect.
 */
export interface Knowledge {
  /**
   * Governed metrics; they win over measures derived from column names.
   */
  metrics: MetricDefinition[]
  /**
   * Other words for tables and columns.
   */
  synonyms: Synonym[]
  /**
   * What words of the business mean.
   */
  glossary?: GlossaryTerm[]
  /**
   * Questions with the statement that answers them, as somebody checked it.
   */
  verified?: VerifiedQuery[]
  /**
   * What is known of tables, by `table` or `schema.table`.
   */
  tables?: {
    [k: string]: TableKnowledge
  }
  /**
   * Columns that point at others where the database does not say so.
   */
  relationships?: KnownRelationship[]
  /**
   * Month in which the fiscal year starts, 1 to 12.
   */
  fiscal_year_start?: number | null
}
/**
 * A metric with a fixed definition.
 */
export interface MetricDefinition {
  /**
   * Its name as people write it: `net revenue`.
   */
  name: string
  /**
   * Other names.
   */
  synonyms: string[]
  /**
   * What it computes.
   */
  measure: Measure
  /**
   * The table whose rows it aggregates.
   */
  table: TableName
  /**
   * Shown in explanations.
   */
  description: string | null
}
/**
 * Another word for a table or a column.
 */
export interface Synonym {
  /**
   * The word or words people use.
   */
  words: string
  /**
   * What they mean.
   */
  target: SynonymTarget
}
/**
 * A table.
 */
export interface SynonymTargetTable {
  table: TableName
}
/**
 * A column.
 */
export interface SynonymTargetAsColumn {
  column: SynonymTargetColumn
}
export interface SynonymTargetColumn {
  /**
   * Its table.
   */
  table: TableName
  /**
   * Its name.
   */
  column: string
}
/**
 * A question and the statement that answers it.
 */
export interface VerifiedQuery {
  /**
   * As somebody asked it.
   */
  question: string
  /**
   * In the dialect of the source. It passes the guard each time it is used.
   */
  sql: string
  /**
   * What to keep in mind about it.
   */
  note?: string | null
}
/**
 * What people know and decided about a table.
 */
export interface TableKnowledge {
  /**
   * What people call it.
   */
  term?: string | null
  /**
   * What part it plays; `none` for none of those that Leo knows, whatever it looks like.
   */
  role?: RoleKind | null
  /**
   * What a row is and what the table is for; wins over the database's comment.
   */
  description?: string | null
  /**
   * Who answers for it.
   */
  owner?: string | null
  /**
   * Words to find it by.
   */
  tags?: string[]
  /**
   * Whether it is shown among the first.
   */
  favourite?: boolean
  /**
   * Anything else worth knowing.
   */
  note?: string | null
  /**
   * Hours after which its newest row is too old.
   */
  fresh_within_hours?: number | null
  /**
   * What is known of its columns, by name.
   */
  columns?: {
    [k: string]: ColumnKnowledge
  }
}
/**
 * What people know and decided about a column.
 */
export interface ColumnKnowledge {
  /**
   * What people call it.
   */
  term?: string | null
  /**
   * What it holds; wins over the database's comment.
   */
  description?: string | null
  /**
   * Kind of personal data it holds, such as `email`; `none` for none, whatever its values look like.
   */
  personal?: string | null
  /**
   * Whether models may see its values, where the setting `privacy.disclosure` is `categories`: kinds, states, names of regions.
   */
  disclose?: boolean
}
/**
 * Columns that point at the key of another table.
 */
export interface KnownRelationship {
  /**
   * The table that points, `table` or `schema.table`.
   */
  table: string
  /**
   * Its columns.
   */
  columns: string[]
  /**
   * The table pointed at.
   */
  references: string
  /**
   * Its columns, in the same order.
   */
  referenced_columns: string[]
}
/**
 * The join graph of a source, as far as a user may see it: `Leo::map_graph`.
 */
export interface MapGraph {
  /**
   * Tables, by name.
   */
  nodes: GraphNode[]
  /**
   * Ways to join two of them, each from the table that points to the table pointed at.
   */
  edges: Relationship[]
}
/**
 * A table of the graph.
 */
export interface GraphNode {
  /**
   * The table.
   */
  table: TableName
  /**
   * What part it plays.
   */
  role?: RoleKind | null
  /**
   * Rows, perhaps estimated.
   */
  rows?: number | null
  /**
   * Whether the user sees its structure alone.
   */
  locked: boolean
}
/**
 * What a model is asked.
 */
export interface ModelRequest {
  /**
   * What it is for.
   */
  purpose: ModelPurpose
  /**
   * What the model is to do and how: the system prompt.
   */
  instructions: string
  /**
   * The conversation so far, oldest first; the last message is the one to answer.
   */
  messages: ModelMessage[]
  /**
   * JSON schema of the answer.
   */
  schema: unknown
  /**
   * The same as functions to choose from, for services that call functions; empty where there is one form alone.
   */
  tools?: ModelTool[]
  /**
   * Tokens that the answer needs at most.
   */
  max_output_tokens: number
  /**
   * Milliseconds it may take, all attempts and waiting included.
   */
  timeout_ms: number
}
/**
 * One message of a conversation with a model.
 */
export interface ModelMessage {
  /**
   * Who says it.
   */
  role: ModelRole
  /**
   * What is said.
   */
  text: string
}
/**
 * A function that a model may call instead of answering in words.
 */
export interface ModelTool {
  /**
   * Its name: `execute_sql` …
   */
  name: string
  /**
   * When to call it.
   */
  description: string
  /**
   * JSON schema of its arguments.
   */
  parameters: unknown
}
/**
 * What one user spent on one model on one day.
 */
export interface ModelSpending {
  /**
   * The day, in UTC.
   */
  day: string
  /**
   * The user.
   */
  user: string
  /**
   * The model.
   */
  model: string
  /**
   * Requests that were answered, and tries on the way to an answer.
   */
  requests: number
  /**
   * Tokens read.
   */
  input_tokens: number
  /**
   * Tokens written.
   */
  output_tokens: number
  /**
   * What it cost, in millionths of a US dollar, as far as prices are known.
   */
  cost_micro_usd: number
  /**
   * Requests whose price is not known.
   */
  unpriced: number
}
/**
 * How one model did since the process began.
 */
export interface ModelStatistics {
  /**
   * Which model: `openai:gpt-5-mini`, or `host`.
   */
  model: string
  /**
   * Whether it is left alone after failures.
   */
  breaker: BreakerState
  /**
   * Requests.
   */
  requests: number
  /**
   * Requests that failed.
   */
  failures: number
  /**
   * Requests of the last minute.
   */
  requests_per_minute: number
  /**
   * Failed requests by requests, of the last 1,000.
   */
  error_rate: number
  /**
   * Median time of the last 1,000 requests, in milliseconds.
   */
  latency_p50_ms: number
  /**
   * The 95th percentile of the same.
   */
  latency_p95_ms: number
  /**
   * Tokens read.
   */
  input_tokens: number
  /**
   * Tokens written.
   */
  output_tokens: number
  /**
   * What it cost, in US dollars, as far as prices are known.
   */
  cost_usd: number
  /**
   * What it cost today, by the clock of the calls and in UTC.
   */
  cost_today_usd: number
}
/**
 * A column that may hold personal data and waits for somebody to say so.
 */
export interface PersonalFinding {
  /**
   * The table.
   */
  table: TableName
  /**
   * The column.
   */
  column: string
  /**
   * What it seems to be, as in `PersonalData::kind`.
   */
  kind: string
  /**
   * How sure that is.
   */
  tier: PersonalTier
  /**
   * Why, in a sentence without values.
   */
  reason?: string | null
}
/**
 * How a value is put.
 */
export interface PutOptions {
  /**
   * The version that the key must have; 0 for none. Without it, whatever is there is replaced.
   */
  expected: number | null
  /**
   * How long it is kept, from now; without it, until it is deleted. In JSON `ttl_ms`, milliseconds.
   */
  ttl_ms: number | null
}
/**
 * How good the rows of a source are, as far as a user may see it: `Leo::map_quality`.
 */
export interface QualityOverview {
  /**
   * 0 to 100: the mean of the tables' scores, where any was checked.
   */
  score?: number | null
  /**
   * Tables that were checked or have an age, worst first.
   */
  tables: TableFindings[]
  /**
   * Tables of which nothing was checked: locked, never read, or without anything to check.
   */
  unchecked: TableName[]
}
/**
 * What was found out about the rows of a table.
 */
export interface TableFindings {
  /**
   * The table.
   */
  table: TableName
  /**
   * 0 to 100.
   */
  score: number
  /**
   * How new its newest row is.
   */
  freshness?: TableFreshness | null
  /**
   * What failed, errors first, each with the statement that counts the rows.
   */
  failing: QualityCheck[]
  /**
   * How many checks passed.
   */
  passed: number
  /**
   * Earlier scores, oldest first.
   */
  history?: QualityPoint[]
}
/**
 * A conversation as it is kept.
 */
export interface Session {
  /**
   * Its id, unique for the user.
   */
  id: string
  /**
   * The first question in short, unless it was given another one.
   */
  title: string
  /**
   * Whether it is listed before all that are not.
   */
  pinned: boolean
  /**
   * When the first question was asked.
   */
  created_at: string
  /**
   * When the last one was.
   */
  changed_at: string
  /**
   * Its turns, oldest first; the last 200.
   */
  turns: Turn[]
  /**
   * Turns that are not kept any more.
   */
  dropped: number
}
/**
 * One question of a conversation and what came of it. No row is in it; values are those that the user wrote.
 */
export interface Turn {
  /**
   * The question as asked.
   */
  question: string
  /**
   * How it was understood, together with what came before.
   */
  reading: string
  /**
   * Its query, where it had one; only for the last ten turns.
   */
  query?: SemanticQuery | null
  /**
   * The statement, values apart; only for the last ten turns.
   */
  sql?: string | null
  /**
   * What came of it.
   */
  status: AnswerStatus
  /**
   * Id of the source it was about.
   */
  source: string
  /**
   * Version of the catalogue that the user saw.
   */
  catalog: string
  /**
   * When it was answered.
   */
  at: string
}
/**
 * A session in a list.
 */
export interface SessionInfo {
  /**
   * Its id.
   */
  id: string
  /**
   * Its title.
   */
  title: string
  /**
   * Whether it is pinned.
   */
  pinned: boolean
  /**
   * Questions asked in it.
   */
  turns: number
  /**
   * When the first question was asked.
   */
  created_at: string
  /**
   * When the last one was.
   */
  changed_at: string
}
/**
 * Everything that can be set, as plain data. `Settings::resolve` makes it from layers.
 */
export interface Settings {
  /**
   * The preset underneath; named in every audit record.
   */
  preset: Preset
  /**
   * IANA name of the zone in which relative windows are computed where the context sets none.
   */
  time_zone: string
  /**
   * Limits of a question and its answer.
   */
  ask: AskSettings
  /**
   * Limits of a statement's text and work.
   */
  guard: GuardLimits
  /**
   * How long results are of use.
   */
  cache: CacheSettings
  /**
   * How years and weeks are counted.
   */
  calendar: CalendarSettings
  /**
   * How the audit is kept.
   */
  audit: AuditSettings
  /**
   * What of the data may be shown, and to whom.
   */
  privacy: PrivacySettings
  /**
   * What the sources of a process may take together.
   */
  sources: SourcesSettings
  /**
   * How what is known of sources is kept up to date.
   */
  sync: SyncSettings
  /**
   * How a model is asked, where the host brings one.
   */
  model: ModelSettings
  /**
   * How tables and columns are found by words.
   */
  index: IndexSettings
  /**
   * Where connections may go beside sources.
   */
  network: NetworkSettings
}
/**
 * Limits of a question and its answer.
 */
export interface AskSettings {
  /**
   * Characters of a question. Default 2,000.
   */
  max_question_chars: number
  /**
   * Rows of a preview. Default 200.
   */
  preview_rows: number
  /**
   * Rows of an answer where the call names no number. Default 5,000.
   */
  max_rows: number
  /**
   * Rows a call may ask for at most. Default none in `local`, 5,000 in `embedded`.
   */
  row_ceiling: number | null
  /**
   * Bytes of a result in memory. Default 256 MiB.
   */
  max_bytes: number
  /**
   * Time for a statement, in milliseconds. Default 8,000.
   */
  timeout_ms: number
  /**
   * Confidence below which the planner asks or declines instead of answering, from 0 to 1. Default 0.5.
   */
  confidence_floor: number
  /**
   * Questions of a tenant that are answered at a time; null for no limit. Default none in `local`, 64 in `embedded`.
   */
  max_at_once: number | null
  /**
   * What happens to a question when as many are being answered already. Default `wait`.
   */
  on_overload: OnOverload
}
/**
 * What a statement may look like and cost.
 */
export interface GuardLimits {
  /**
   * Rows a statement may return. Default 5,000; `Settings::guard_for` sets it to what a call asks for.
   */
  row_cap: number
  /**
   * Bytes of text. Default 65,536.
   */
  max_bytes: number
  /**
   * Tokens. Default 16,384.
   */
  max_tokens: number
  /**
   * Operators and set operations in a row. Default 500.
   */
  max_chained_operators: number
  /**
   * Parentheses inside parentheses. Default 40.
   */
  max_parentheses: number
  /**
   * Relations joined in one `FROM` beyond the first; more need approval. Default 5.
   */
  max_joins: number
  /**
   * Queries inside queries; more need approval. Default 3.
   */
  max_nesting: number
  /**
   * Product of the row counts of relations joined without a condition; above it the statement needs approval. A relation of
   * unknown size counts as 1,000 rows. Default 1,000,000,000.
   */
  cross_join_rows: number
  /**
   * Rows that a generator such as `generate_series` or a counting recursion may make. Default 1,000,000.
   */
  generated_rows: number
  /**
   * Characters that `repeat` and its kin may make. Default 10,000.
   */
  generated_characters: number
  /**
   * Tables (globs over `schema.table`) that a statement may only read with a condition on their time column; tables without one
   * are exempt. Default none.
   */
  require_time_filter: string[]
  /**
   * Functions allowed beside the built-in list, by the name as called (`dbo.fiscal_year`); case does not matter.
   */
  functions: string[]
  /**
   * Seconds a vetted statement stays valid. Default 900.
   */
  valid_for_s: number
}
/**
 * How long the rows of an answer, and what a model wrote for a question, are of use to whoever asks the same.
 *
 * Both are kept in memory, by tenant, source, policy in force and catalogue; a sync of the source forgets them.
 */
export interface CacheSettings {
  /**
   * Seconds for which they are given again without asking the database or the model; 0 for never. Default 0 in `local`, 4 hours in
   * `embedded`.
   */
  ttl_s: number
  /**
   * Seconds for which they are given, with a warning, where the database or the model cannot be reached; 0 for never. Default 0 in `local`,
   * 24 hours in `embedded`.
   */
  stale_s: number
  /**
   * Megabytes of memory for them; those that were used least recently go first. Default 64.
   */
  max_mb: number
}
/**
 * How years are counted.
 */
export interface CalendarSettings {
  /**
   * Month in which the fiscal year starts, 1 to 12. Default 1.
   */
  fiscal_year_start: number
}
/**
 * How the audit is kept.
 */
export interface AuditSettings {
  /**
   * What an audit file promises. Default `os`.
   */
  durability: Durability
  /**
   * Records the sink in memory keeps. Default 10,000.
   */
  memory_records: number
}
/**
 * What of the data may be shown, and to whom.
 */
export interface PrivacySettings {
  /**
   * Whether results show columns that hold personal data. Default true in `local`, false in `embedded`. Prompts, logs and
   * audit never hold them.
   */
  show_pii: boolean
  /**
   * Rows that a group of an aggregate over a table with personal data must have to be shown where personal data is not.
   * Default 1, which shows every group.
   */
  min_group_size: number
  /**
   * What a model may see of the source's data. Default `none`.
   */
  disclosure: Disclosure
}
/**
 * What the sources of a process may take together.
 */
export interface SourcesSettings {
  /**
   * Sources that Leo opened and that are open at a time; beyond, the one that nobody has used for longest is closed. Default 200.
   */
  max_open: number
  /**
   * Connections to servers at a time, of all sources that Leo opened; beyond, idle ones of other sources are closed. Default 500.
   */
  max_connections: number
  /**
   * Milliseconds after which a source that Leo opened and nobody uses is closed, until it is used again. Default 300,000.
   */
  idle_ms: number
}
/**
 * How what is known of sources is kept up to date.
 */
export interface SyncSettings {
  /**
   * Sources of a tenant that are synced at a time; others wait. Default 2.
   */
  max_at_once: number
  /**
   * Minutes from the end of one sync to when the next is due, for hosts that call `run_due`; null for none. Default null.
   */
  interval_minutes: number | null
  /**
   * Tokens that the host's model may read and write in one sync to say what tables and columns hold; 0 for none. Default 0: a model costs.
   */
  describe_tokens: number
}
/**
 * How models are asked, where there are any.
 */
export interface ModelSettings {
  /**
   * Models that are asked one after the other until one answers, behind those that the host brings: `openai:gpt-5-mini`,
   * `anthropic:claude-sonnet-4-5`, `chat:qwen2.5-coder@http://localhost:11434/v1`, `replay:FOLDER`. Keys come from the environment. Default none.
   */
  chain: string[]
  /**
   * Whether a model is asked before the built-in planner's answer is taken, and not only where it has none. Where the model does not help, that
   * answer stands. Default false: each costs.
   */
  first: boolean
  /**
   * Whether a model writes the narrative of a question's answer, with references in the place of figures, which Leo fills in and checks: one more
   * request for each answer with rows. Where the model does not help, the narrative is the one that is made by rules. Default false: each costs.
   */
  narrative: boolean
  /**
   * Tokens of a prompt, counted on the safe side. Where there is more to say, it gives way in this order: earlier turns, what people say and fits
   * least, comments and figures of tables that fit the question least, columns that it seems not to need, and tables. Default 6,000.
   */
  max_prompt_tokens: number
  /**
   * How many answers are asked for at once, 1 to 5; the one that most agree with in their rows is taken. Default 1: each costs.
   */
  candidates: number
  /**
   * Time for an answer of the models, all attempts and waiting included, in milliseconds. Default 60,000.
   */
  timeout_ms: number
  /**
   * How often a model may correct what the guard refused, what has no form, and what the database did not run, 0 to 2. Default 2.
   */
  repair_rounds: number
  /**
   * US dollars that a tenant may spend on models in a month of UTC; beyond, none is asked. Default null, for no limit.
   */
  monthly_cap_usd: number | null
}
/**
 * How tables and columns are found by words.
 */
export interface IndexSettings {
  /**
   * Folder of a sentence model on this machine, such as all-MiniLM-L6-v2 as sentence-transformers saves it: the embedder where the host
   * brings none. Needs a build with the feature `minilm`. Default null.
   */
  embedder_folder: string | null
  /**
   * Service that makes vectors of names, where the host brings no embedder: `openai`, `openai:text-embedding-3-large`,
   * `chat:bge-m3@http://localhost:8000/v1`. Names and comments of tables and columns and searched words go there. The key comes from the environment. Default null.
   */
  embedder_service: string | null
  /**
   * The model behind the host's embedder, by its name and version, where the embedder does not say so itself: its vectors are then kept in the
   * storage under that name. Give it another name when the vectors become other ones. Default null, which keeps none.
   */
  embedder_model: string | null
}
/**
 * Where connections may go beside sources.
 */
export interface NetworkSettings {
  /**
   * Whether anything but sources may be connected to. Default `open`.
   */
  mode: NetworkMode
  /**
   * Hosts of model services that may be connected to, as globs over their names (`api.openai.com`, `*.example.com`). Default none, which
   * lets all.
   */
  allow_hosts: string[]
}
/**
 * A source in a list.
 */
export interface SourceInfo {
  /**
   * Its id.
   */
  id: string
  /**
   * `postgres`, `sqlite` …; unknown for a source of the resolver that is not open.
   */
  engine: string | null
  /**
   * Whether it belongs to the user's tenant alone; otherwise it is there for all tenants.
   */
  is_own: boolean
  /**
   * How it does.
   */
  state: SourceState
}
/**
 * How a source does, and why.
 */
export interface SourceStatus {
  /**
   * In one word.
   */
  state: SourceState
  /**
   * Since when.
   */
  since: string
  /**
   * What went wrong, with what to do about it.
   */
  error?: ErrorInfo | null
  /**
   * Whether it is open now. Sources are opened when they are used, and closed again when nobody does.
   */
  is_open: boolean
  /**
   * Its connections.
   */
  health: SourceHealth
}
/**
 * How a source's connections are.
 */
export interface SourceHealth {
  /**
   * Whether the server is left alone after failures.
   */
  breaker: BreakerState
  /**
   * Open connections.
   */
  connections: number
  /**
   * Open connections that no statement uses.
   */
  idle: number
  /**
   * The last failure to connect since the last success.
   */
  last_error?: ErrorInfo | null
}
/**
 * A statement for a `HostConnector`: vetted for this source, within the rights of whoever asks, and on record.
 */
export interface SqlRequest {
  /**
   * The text in the source's dialect. It is run as it is, as one statement, on a connection that only reads.
   */
  sql: string
  /**
   * Values of its placeholders, in order. They are bound, never written into the text.
   */
  params: Value[]
  /**
   * Rows that are read at most: one more than is shown, where that tells whether there were more.
   */
  row_cap: number
  /**
   * Milliseconds for the statement, its rows included.
   */
  timeout_ms: number
}
/**
 * What came of the checks.
 */
export interface StorageContractReport {
  /**
   * In the order they were made.
   */
  checks: StorageContractCheck[]
}
/**
 * One check.
 */
export interface StorageContractCheck {
  /**
   * What was checked, such as `expected_versions`.
   */
  name: string
  /**
   * What came of it.
   */
  outcome: CheckOutcome
}
/**
 * It does not; what it did instead.
 */
export interface CheckOutcomeFailed {
  failed: string
}
/**
 * One step of a sync.
 */
export interface SyncProgress {
  /**
   * The stage.
   */
  stage: SyncStage
  /**
   * Tables done in this stage.
   */
  done: number
  /**
   * Tables of this stage.
   */
  total: number
  /**
   * The table that was just done.
   */
  table: TableName | null
  /**
   * Why that table has no statistics.
   */
  problem: ErrorInfo | null
  /**
   * In the stage `queue`: how many syncs begin before this one, and this one; none while another process holds the places.
   */
  position: number | null
  /**
   * What is left of the stage by what was done of it, counted in rows as far as the database tells them; in milliseconds where it is written.
   */
  eta_ms: number | null
}
/**
 * A table in detail, as far as a user may see it: `Leo::map_table`.
 */
export interface TableDetail {
  /**
   * The table at a glance.
   */
  summary: TableSummary
  /**
   * Its columns with their statistics, keys and checks. Of columns with personal data there are no values.
   */
  table: CatalogTable
  /**
   * What people added.
   */
  note?: string | null
  /**
   * How it is joined with others.
   */
  relationships: Relationship[]
  /**
   * Questions that can be asked about it, each of which the built-in planner understands.
   */
  questions: string[]
  /**
   * Some of its rows, as a statement of the user's would show them.
   */
  sample?: RowSample | null
  /**
   * The statements that would make it.
   */
  ddl: string
}
/**
 * Some rows of a table.
 */
export interface RowSample {
  /**
   * Names of the columns.
   */
  columns: string[]
  /**
   * Values by row, in the order of the columns.
   */
  rows: Value[][]
}
/**
 * The guard's answer.
 *
 * In JSON: `verdict`, `findings`, `rewritten`, `tables`, `columns`, `functions`, `lineage`, `micros`.
 */
export interface Vetting {
  /**
   * The worst that any finding asks for; without findings, `Allow`.
   */
  verdict: Verdict
  /**
   * What the rules found, in order of the text as far as known.
   */
  findings: Finding[]
  /**
   * The text to be sent, where it is not the request's own: with an `Allow` only spelled out and capped.
   */
  rewritten: string | null
  /**
   * Tables and views it reads. Complete unless the verdict is `Block`.
   */
  tables: TableName[]
  /**
   * Columns it reads; SQLite's row id is the column `rowid`. Complete unless the verdict is `Block`.
   */
  columns: SourceColumn[]
  /**
   * Functions it calls, lower case, those behind operators included (`like`, `glob`, `->`). Complete unless the verdict is `Block`.
   */
  functions: string[]
  /**
   * The columns of its result with their sources, in order. Complete unless the verdict is `Block`.
   */
  lineage: OutputColumn[]
  /**
   * How long vetting took.
   */
  micros: number
}
