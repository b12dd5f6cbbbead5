// Made from docs/schema by scripts/schema.cjs; change the types in Rust.

/**
 * What Leo takes.
 */
export type LeoInput =
  | Access
  | Attribute
  | CardOptions
  | ChartSpec
  | CsvOptions
  | Gates
  | HostCatalog
  | HtmlTableOptions
  | Knowledge
  | MarkdownOptions
  | ModelResponse
  | OnFailure
  | PersonalDecision
  | SemanticQuery
  | SessionFormat
  | SettingsLayer
  | TablePolicy
  | Versioned
/**
 * A secret that hashes are made with. It is read as it is, and written as its hash.
 */
export type MaskKey = string
/**
 * A context attribute: a scalar or a list of scalars.
 */
export type Attribute = Value | Value[]
/**
 * A scalar value. An exact decimal is text with all its digits; dates and times are text in ISO form.
 */
export type Value = null | boolean | number | string | ValueBytes
/**
 * The kinds of chart.
 */
export type ChartKind = 'bar' | 'horizontal_bar' | 'line' | 'area' | 'pie' | 'scatter' | 'heatmap' | 'kpi' | 'sparkline' | 'table'
/**
 * How values are laid out along a channel.
 */
export type ChartScale = 'nominal' | 'ordinal' | 'temporal' | 'quantitative'
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
 * How several bars or areas at one place are arranged.
 */
export type ChartArrangement = 'single' | 'stacked' | 'grouped'
/**
 * What categories are ordered by.
 */
export type ChartSortBy = 'x' | 'y'
/**
 * What stands between values; in JSON the character itself.
 */
export type Delimiter = ',' | ';' | '\t' | '|'
/**
 * What ends a line.
 */
export type LineEnd = '\r\n' | '\n'
/**
 * A SQL dialect.
 */
export type Dialect = 'sqlite' | 'postgres' | 'mysql' | 'tsql' | 'bigquery' | 'datafusion'
/**
 * What a `HostTable` is.
 */
export type HostTableKind = 'table' | 'view' | 'materialized_view'
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
 * A value computed for each row.
 */
export type Scalar = ScalarField | ScalarLiteral | ScalarAsArithmetic | ScalarAsDaysBetween | ScalarCoalesce
/**
 * `+ − × ÷`.
 */
export type Arithmetic = 'add' | 'subtract' | 'multiply' | 'divide'
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
 * The right side of a condition on a group.
 */
export type HavingValue = HavingValueValue | 'average_of_groups'
/**
 * The other period.
 */
export type ComparisonBase = 'previous_period' | 'previous_year' | ComparisonBaseWindow
/**
 * What is done to aggregated values.
 */
export type Transform = 'none' | TransformAsShareOfTotal | 'running_total'
/**
 * What a synonym stands for.
 */
export type SynonymTarget = SynonymTargetTable | SynonymTargetAsColumn
/**
 * What a table's rows are.
 */
export type RoleKind = 'entity' | 'transaction' | 'event_stream' | 'state_tracking' | 'reference' | 'bridge' | 'none'
/**
 * Why a model stopped.
 */
export type ModelStop = 'complete' | 'length' | 'refused'
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
 * What is done about tables that a sync could not read.
 */
export type OnFailure = 'retry' | 'retry_with_sampling' | 'skip_and_continue'
/**
 * Whether a column holds personal data.
 */
export type Decision = DecisionAsConfirm | 'reject'
/**
 * How a session is written for somebody else.
 */
export type SessionFormat = 'json' | 'markdown'

/**
 * What a user may see of a source. The default sees everything.
 */
export interface Access {
  /**
   * Globs over `schema.table`; `None` means every table. Deny wins.
   */
  allow_tables?: string[] | null
  /**
   * Globs over `schema.table`.
   */
  deny_tables?: string[]
  /**
   * Policies by `table` or `schema.table`, compared as the engine compares names.
   */
  tables?: {
    [k: string]: TablePolicy
  }
  /**
   * The key of `hash` masks. Equal values have equal hashes as long as it stays the same; each tenant's differ.
   */
  mask_key?: MaskKey | null
  /**
   * Whether this user sees personal data. Without a word here the setting `privacy.show_pii` decides. Where it is `false`, such
   * columns come back redacted, and uses of them that could give values away need approval.
   */
  show_personal_data?: boolean | null
  /**
   * Rows that a group must have to be shown, in statements that aggregate tables with personal data, to a user from whom it is
   * kept. Without a word here the setting `privacy.min_group_size` decides.
   */
  min_group_size?: number | null
}
/**
 * Restrictions inside one table.
 */
export interface TablePolicy {
  /**
   * Columns that do not exist for this user.
   */
  deny_columns?: string[]
  /**
   * A boolean SQL expression over the table's columns, literals and context attributes written `:name`; a list of values
   * stands in `IN (:name)`. `:tenant` and `:user` are who asks, unless the context has attributes of those names. The rows for
   * which it is true exist for this user. A user without the attribute is refused.
   */
  row_filter?: string | null
  /**
   * Columns whose value is replaced, by mask: `null` (nothing), `redact` (`[REDACTED]`), `partial` (`****` and the last four
   * characters of a text longer than eight), `hash` (equal for equal values; needs `Access::mask_key`). NULL stays NULL;
   * `redact` and `partial` show nothing of columns without text. Conditions, joins and sorting see the masked value too.
   */
  masks?: {
    [k: string]: 'null' | 'redact' | 'partial' | 'hash'
  }
  /**
   * Whether past versions of the rows may be asked for, `FOR SYSTEM_TIME …`, by which they show up as they were: hidden columns
   * and masks hold, and the filter decides by the values of that time. Refused unless set; a history table under a name of its
   * own is granted by that name in `Access::allow_tables`, and then shown whole.
   */
  past_versions?: boolean
}
/**
 * Bytes as hexadecimal digits.
 */
export interface ValueBytes {
  bytes: string
}
/**
 * How an answer is written as HTML.
 */
export interface CardOptions {
  /**
   * Whether the question stands above its answer.
   */
  question?: boolean
  /**
   * Whether a chart is drawn where it shows more than the table.
   */
  chart?: boolean
  /**
   * Whether the explanation and the statement are there to be unfolded.
   */
  explain?: boolean
  /**
   * Rows of the table; the rest is counted.
   */
  max_rows?: number
  /**
   * Whether the card brings `CARD_STYLE` with it.
   */
  style?: boolean
  /**
   * Whether a page of its own is written around the card, to be saved as a file.
   */
  page?: boolean
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
  title?: string
  /**
   * What the chart shows, for people who do not see it. Holds no value of the result.
   */
  alt_text?: string
  /**
   * Why this chart, in a few words.
   */
  reason?: string
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
  descending?: boolean
}
/**
 * How CSV is written.
 */
export interface CsvOptions {
  /**
   * What stands between values.
   */
  delimiter?: Delimiter & string
  /**
   * Whether the first line holds the names of the columns.
   */
  header?: boolean
  /**
   * What stands for NULL. Text that is the same is quoted, so that the two can be told apart.
   */
  null?: string
  /**
   * Whether text that a spreadsheet would take for a formula gets an apostrophe in front. Numbers never do.
   */
  escape_formulas?: boolean
  /**
   * What ends a line.
   */
  line_end?: LineEnd & string
  /**
   * Whether the file begins with a byte order mark, by which Excel knows UTF-8.
   */
  byte_order_mark?: boolean
}
/**
 * Bounds for the figures of a run; those that are not given bound nothing.
 */
export interface Gates {
  /**
   * Least share of right answers among all questions, 0–1.
   */
  execution_match?: number | null
  /**
   * Least share of answered questions, 0–1.
   */
  coverage?: number | null
  /**
   * Least mean share of needed tables that were found, 0–1.
   */
  recall?: number | null
  /**
   * Longest 95th percentile of latency, in milliseconds.
   */
  p95_ms?: number | null
  /**
   * Most that all questions together may cost, in US dollars.
   */
  cost_usd?: number | null
  /**
   * How far the share of right answers may fall below that of an earlier run, 0–1.
   */
  allowed_drop?: number | null
  /**
   * Whether a fall counts only where it is hardly chance (McNemar's exact test, p < 0.05).
   */
  significant?: boolean
}
/**
 * Tables of a source, as plain data. `into_catalog` checks it and makes a `Catalog` of it.
 */
export interface HostCatalog {
  /**
   * The dialect that statements are written in.
   */
  dialect: Dialect
  /**
   * The schema that a bare name means, where it is not the dialect's usual one.
   */
  default_schema?: string | null
  /**
   * Whether the login that statements run under can do nothing but read, as far as the host knows.
   */
  read_only?: boolean
  /**
   * Tables and views.
   */
  tables: HostTable[]
}
/**
 * A table or view in a `HostCatalog`.
 */
export interface HostTable {
  /**
   * The name in the engine's own spelling.
   */
  name: string
  /**
   * Its schema; without one it is in the schema that a bare name means.
   */
  schema?: string | null
  /**
   * What it holds, for people.
   */
  comment?: string | null
  /**
   * A table unless said otherwise.
   */
  kind?: HostTableKind & string
  /**
   * The query of a view. A view without one is refused to users from whom rows or columns of some table are kept.
   */
  definition?: string | null
  /**
   * Names of the tables whose rows it holds or shows under another name: what a synonym, a partition or a history table is made of.
   * Without them a user from whom rows are kept there finds them here.
   */
  rows_of?: string[]
  /**
   * Columns in the engine's order.
   */
  columns: HostColumn[]
  /**
   * Columns of the primary key, in its order.
   */
  primary_key?: string[]
  /**
   * Columns of each other key whose values occur once.
   */
  unique_keys?: string[][]
  /**
   * Keys of other tables. One of a table that is not described is left out.
   */
  foreign_keys?: HostForeignKey[]
  /**
   * About how many rows there are, where that is known.
   */
  rows?: number | null
  /**
   * Changes whenever a row does: where it is as it was, a sync does not read the table again.
   */
  data_version?: string | null
}
/**
 * A column of a `HostTable`.
 */
export interface HostColumn {
  /**
   * The name in the engine's own spelling.
   */
  name: string
  /**
   * The type as the engine declares it: `INTEGER`, `varchar(40)`, `timestamp with time zone`; empty where it declares none.
   */
  type: string
  /**
   * Whether NULL is allowed.
   */
  nullable?: boolean
  /**
   * What it holds, for people.
   */
  comment?: string | null
}
/**
 * Columns of a `HostTable` that hold the key of another.
 */
export interface HostForeignKey {
  /**
   * Columns of this table.
   */
  columns: string[]
  /**
   * Name of the other table.
   */
  table: string
  /**
   * Schema of the other table; without one, this table's own.
   */
  schema?: string | null
  /**
   * Columns of the other table, in the same order; without any, its primary key.
   */
  references?: string[]
}
/**
 * How an HTML table is written.
 */
export interface HtmlTableOptions {
  /**
   * Rows written; the rest is counted in the foot.
   */
  max_rows?: number
  /**
   * What stands for NULL.
   */
  null?: string
  /**
   * What the table shows, for its caption.
   */
  caption?: string | null
  /**
   * Whether a page of its own is written, with a style sheet, instead of the table alone.
   */
  page?: boolean
}
/**
 * Business knowledge about a source. Empty by default; entries that name tables or columns the source does not have are of no effect.
 */
export interface Knowledge {
  /**
   * Governed metrics; they win over measures derived from column names.
   */
  metrics?: MetricDefinition[]
  /**
   * Other words for tables and columns.
   */
  synonyms?: Synonym[]
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
  synonyms?: string[]
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
  description?: string | null
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
  transform?: Transform & string
  /**
   * Computed for `having` or `order` but not returned.
   */
  hidden?: boolean
}
/**
 * Number of rows of a table.
 */
export interface AggregateCountRows {
  count_rows: TableName
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
 * Number of values that are not NULL.
 */
export interface AggregateCount {
  count: Scalar
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
  start?: string | null
  /**
   * Day after the last.
   */
  end?: string | null
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
  at_least?: number
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
  dimensions?: Dimension[]
  /**
   * Aggregates, in output order after the dimensions.
   */
  measures?: Measure[]
  /**
   * Which rows count.
   */
  filter?: Filter | null
  /**
   * Which groups count; all must hold.
   */
  having?: Having[]
  /**
   * Order of the result.
   */
  order?: QueryOrder[]
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
  distinct?: boolean
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
  hidden?: boolean
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
  descending?: boolean
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
 * How a Markdown table is written.
 */
export interface MarkdownOptions {
  /**
   * Rows written; the rest is counted in a line below.
   */
  max_rows?: number
  /**
   * What stands for NULL.
   */
  null?: string
}
/**
 * What a model answered.
 */
export interface ModelResponse {
  /**
   * The JSON that the schema asks for, as it is or as text; or `{"tool": …, "arguments": …}` where it called a function.
   */
  output: unknown
  /**
   * Tokens that were read.
   */
  input_tokens?: number
  /**
   * Of those, tokens that the service had read before and remembered.
   */
  cached_tokens?: number
  /**
   * Tokens that were written.
   */
  output_tokens?: number
  /**
   * What it cost in US dollars; null where nobody knows.
   */
  cost_usd?: number | null
  /**
   * Which model it was.
   */
  model?: string
  /**
   * Why it stopped.
   */
  stop?: ModelStop & string
  /**
   * Each try on the way to this answer, oldest first; empty where there was one alone.
   */
  attempts?: ModelAttempt[]
}
/**
 * One try to get an answer of a model.
 */
export interface ModelAttempt {
  /**
   * Which model.
   */
  model: string
  /**
   * What went wrong; null where it answered.
   */
  error?: ErrorKind | null
  /**
   * Tokens that were read.
   */
  input_tokens: number
  /**
   * Tokens that were written.
   */
  output_tokens: number
  /**
   * What it cost in US dollars; null where nobody knows.
   */
  cost_usd?: number | null
  /**
   * How long it took, without waiting before it.
   */
  duration_ms: number
}
/**
 * What somebody decided about a column. Kept by the host, it survives every sync.
 */
export interface PersonalDecision {
  /**
   * The table.
   */
  table: TableName
  /**
   * The column.
   */
  column: string
  /**
   * The decision.
   */
  decision: Decision
}
/**
 * It does, of this kind.
 */
export interface DecisionAsConfirm {
  confirm: DecisionConfirm
}
export interface DecisionConfirm {
  /**
   * As in `PersonalData::kind`; never `none`.
   */
  kind: string
}
/**
 * A partial tree of settings, nested or by dotted paths.
 */
export interface SettingsLayer {
  /**
   * zone of relative windows where the context sets none
   */
  time_zone?: string
  ask?: {
    /**
     * characters of a question
     */
    max_question_chars?: number
    /**
     * rows of a preview
     */
    preview_rows?: number
    /**
     * rows of an answer where the call names no number
     */
    max_rows?: number
    /**
     * rows a call may ask for at most; null for none
     */
    row_ceiling?: number | null
    /**
     * bytes of a result in memory
     */
    max_bytes?: number
    /**
     * time for a statement, in milliseconds
     */
    timeout_ms?: number
    /**
     * confidence below which the planner asks or declines
     */
    confidence_floor?: number
    /**
     * questions of a tenant that are answered at a time; null for no limit
     */
    max_at_once?: number | null
    /**
     * what happens to a question that cannot be answered at once
     */
    on_overload?: 'wait' | 'queue' | 'refuse'
  }
  /**
   * characters of a question
   */
  'ask.max_question_chars'?: number
  /**
   * rows of a preview
   */
  'ask.preview_rows'?: number
  /**
   * rows of an answer where the call names no number
   */
  'ask.max_rows'?: number
  /**
   * rows a call may ask for at most; null for none
   */
  'ask.row_ceiling'?: number | null
  /**
   * bytes of a result in memory
   */
  'ask.max_bytes'?: number
  /**
   * time for a statement, in milliseconds
   */
  'ask.timeout_ms'?: number
  /**
   * confidence below which the planner asks or declines
   */
  'ask.confidence_floor'?: number
  /**
   * questions of a tenant that are answered at a time; null for no limit
   */
  'ask.max_at_once'?: number | null
  /**
   * what happens to a question that cannot be answered at once
   */
  'ask.on_overload'?: 'wait' | 'queue' | 'refuse'
  guard?: {
    /**
     * rows a statement may return
     */
    row_cap?: number
    /**
     * bytes of a statement
     */
    max_bytes?: number
    /**
     * tokens of a statement
     */
    max_tokens?: number
    /**
     * operators in a row
     */
    max_chained_operators?: number
    /**
     * parentheses inside parentheses
     */
    max_parentheses?: number
    /**
     * relations joined beyond the first before approval is needed
     */
    max_joins?: number
    /**
     * queries inside queries before approval is needed
     */
    max_nesting?: number
    /**
     * rows of a join without condition before approval is needed
     */
    cross_join_rows?: number
    /**
     * rows a generator may make
     */
    generated_rows?: number
    /**
     * characters a repeating function may make
     */
    generated_characters?: number
    /**
     * tables that are only read for a period
     */
    require_time_filter?: string[]
    /**
     * functions allowed beside the built-in list
     */
    functions?: string[]
    /**
     * seconds a vetted statement stays valid
     */
    valid_for_s?: number
  }
  /**
   * rows a statement may return
   */
  'guard.row_cap'?: number
  /**
   * bytes of a statement
   */
  'guard.max_bytes'?: number
  /**
   * tokens of a statement
   */
  'guard.max_tokens'?: number
  /**
   * operators in a row
   */
  'guard.max_chained_operators'?: number
  /**
   * parentheses inside parentheses
   */
  'guard.max_parentheses'?: number
  /**
   * relations joined beyond the first before approval is needed
   */
  'guard.max_joins'?: number
  /**
   * queries inside queries before approval is needed
   */
  'guard.max_nesting'?: number
  /**
   * rows of a join without condition before approval is needed
   */
  'guard.cross_join_rows'?: number
  /**
   * rows a generator may make
   */
  'guard.generated_rows'?: number
  /**
   * characters a repeating function may make
   */
  'guard.generated_characters'?: number
  /**
   * tables that are only read for a period
   */
  'guard.require_time_filter'?: string[]
  /**
   * functions allowed beside the built-in list
   */
  'guard.functions'?: string[]
  /**
   * seconds a vetted statement stays valid
   */
  'guard.valid_for_s'?: number
  cache?: {
    /**
     * seconds for which an earlier result is given
     */
    ttl_s?: number
    /**
     * seconds for which an earlier result is given where a fresh one cannot be had
     */
    stale_s?: number
    /**
     * megabytes of memory for earlier results
     */
    max_mb?: number
  }
  /**
   * seconds for which an earlier result is given
   */
  'cache.ttl_s'?: number
  /**
   * seconds for which an earlier result is given where a fresh one cannot be had
   */
  'cache.stale_s'?: number
  /**
   * megabytes of memory for earlier results
   */
  'cache.max_mb'?: number
  calendar?: {
    /**
     * month in which the fiscal year starts
     */
    fiscal_year_start?: number
  }
  /**
   * month in which the fiscal year starts
   */
  'calendar.fiscal_year_start'?: number
  audit?: {
    /**
     * what an audit file promises
     */
    durability?: 'os' | 'fsync'
    /**
     * records the audit in memory keeps
     */
    memory_records?: number
  }
  /**
   * what an audit file promises
   */
  'audit.durability'?: 'os' | 'fsync'
  /**
   * records the audit in memory keeps
   */
  'audit.memory_records'?: number
  privacy?: {
    /**
     * whether results show personal data
     */
    show_pii?: boolean
    /**
     * rows of a group that is shown where personal data is not
     */
    min_group_size?: number
    /**
     * what a model may see of the source's data
     */
    disclosure?: 'none' | 'categories' | 'rows'
  }
  /**
   * whether results show personal data
   */
  'privacy.show_pii'?: boolean
  /**
   * rows of a group that is shown where personal data is not
   */
  'privacy.min_group_size'?: number
  /**
   * what a model may see of the source's data
   */
  'privacy.disclosure'?: 'none' | 'categories' | 'rows'
  sources?: {
    /**
     * sources open at a time
     */
    max_open?: number
    /**
     * connections to servers at a time
     */
    max_connections?: number
    /**
     * milliseconds after which an unused source is closed
     */
    idle_ms?: number
  }
  /**
   * sources open at a time
   */
  'sources.max_open'?: number
  /**
   * connections to servers at a time
   */
  'sources.max_connections'?: number
  /**
   * milliseconds after which an unused source is closed
   */
  'sources.idle_ms'?: number
  sync?: {
    /**
     * sources of a tenant synced at a time
     */
    max_at_once?: number
    /**
     * minutes from one sync to the next; null for none
     */
    interval_minutes?: number | null
    /**
     * tokens of one sync for the host's model to describe tables; 0 for none
     */
    describe_tokens?: number
  }
  /**
   * sources of a tenant synced at a time
   */
  'sync.max_at_once'?: number
  /**
   * minutes from one sync to the next; null for none
   */
  'sync.interval_minutes'?: number | null
  /**
   * tokens of one sync for the host's model to describe tables; 0 for none
   */
  'sync.describe_tokens'?: number
  model?: {
    /**
     * models that are asked one after the other
     */
    chain?: string[]
    /**
     * whether a model is asked before the built-in planner's answer is taken
     */
    first?: boolean
    /**
     * whether a model writes the narrative of an answer, one more request for each
     */
    narrative?: boolean
    /**
     * tokens of a prompt for a model
     */
    max_prompt_tokens?: number
    /**
     * answers of a model that are compared
     */
    candidates?: number
    /**
     * time for an answer of a model, in milliseconds
     */
    timeout_ms?: number
    /**
     * how often a model may correct what was refused
     */
    repair_rounds?: number
    /**
     * US dollars a tenant may spend on models in a month; null for no limit
     */
    monthly_cap_usd?: number | null
  }
  /**
   * models that are asked one after the other
   */
  'model.chain'?: string[]
  /**
   * whether a model is asked before the built-in planner's answer is taken
   */
  'model.first'?: boolean
  /**
   * whether a model writes the narrative of an answer, one more request for each
   */
  'model.narrative'?: boolean
  /**
   * tokens of a prompt for a model
   */
  'model.max_prompt_tokens'?: number
  /**
   * answers of a model that are compared
   */
  'model.candidates'?: number
  /**
   * time for an answer of a model, in milliseconds
   */
  'model.timeout_ms'?: number
  /**
   * how often a model may correct what was refused
   */
  'model.repair_rounds'?: number
  /**
   * US dollars a tenant may spend on models in a month; null for no limit
   */
  'model.monthly_cap_usd'?: number | null
  index?: {
    /**
     * folder of a sentence model that finds tables and columns by meaning; null for none
     */
    embedder_folder?: string | null
    /**
     * service that makes vectors of names, such as openai:text-embedding-3-small; null for none
     */
    embedder_service?: string | null
    /**
     * name of the model behind the host's embedder, under which its vectors are kept; null for none
     */
    embedder_model?: string | null
  }
  /**
   * folder of a sentence model that finds tables and columns by meaning; null for none
   */
  'index.embedder_folder'?: string | null
  /**
   * service that makes vectors of names, such as openai:text-embedding-3-small; null for none
   */
  'index.embedder_service'?: string | null
  /**
   * name of the model behind the host's embedder, under which its vectors are kept; null for none
   */
  'index.embedder_model'?: string | null
  network?: {
    /**
     * whether anything but sources is connected to
     */
    mode?: 'open' | 'source-only'
    /**
     * hosts of model services that may be connected to; none for all
     */
    allow_hosts?: string[]
  }
  /**
   * whether anything but sources is connected to
   */
  'network.mode'?: 'open' | 'source-only'
  /**
   * hosts of model services that may be connected to; none for all
   */
  'network.allow_hosts'?: string[]
}
/**
 * A value and which version of it this is.
 */
export interface Versioned {
  /**
   * The bytes.
   */
  value: number[]
  /**
   * Its version, above zero.
   */
  version: number
}
