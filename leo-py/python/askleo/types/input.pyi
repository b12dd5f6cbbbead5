# Made from docs/schema by tests/test_types.py; change the types in Rust.

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict, Union

from typing_extensions import NotRequired


class AggregateMetric(TypedDict):
    """
    A governed metric of the source, by its name or another one of it: what it computes and the rows that count for it are as people
    [defined](crate::knowledge::MetricDefinition) them. Of the query's own measures only; `Knowledge::resolve`
    puts the definition in its place.
    """

    metric: str


Arithmetic: TypeAlias = Literal['add', 'subtract', 'multiply', 'divide']
"""`+ − × ÷`."""


class CardOptions(TypedDict):
    """How an answer is written as HTML."""

    question: NotRequired[bool]
    """Whether the question stands above its answer."""
    chart: NotRequired[bool]
    """Whether a chart is drawn where it shows more than the table."""
    explain: NotRequired[bool]
    """Whether the explanation and the statement are there to be unfolded."""
    max_rows: NotRequired[int]
    """Rows of the table; the rest is counted."""
    style: NotRequired[bool]
    """Whether the card brings `CARD_STYLE` with it."""
    page: NotRequired[bool]
    """Whether a page of its own is written around the card, to be saved as a file."""


ChartArrangement: TypeAlias = Literal['single', 'stacked', 'grouped']
"""How several bars or areas at one place are arranged."""


ChartKind: TypeAlias = Literal['bar', 'horizontal_bar', 'line', 'area', 'pie', 'scatter', 'heatmap', 'kpi', 'sparkline', 'table']
"""The kinds of chart."""


ChartScale: TypeAlias = Literal['nominal', 'ordinal', 'temporal', 'quantitative']
"""How values are laid out along a channel."""


ChartSortBy: TypeAlias = Literal['x', 'y']
"""What categories are ordered by."""


class ChartUnitCurrency(TypedDict):
    """Money; an ISO 4217 code or a symbol."""

    currency: str


class ChartUnitNamed(TypedDict):
    """Anything else, written after the number: "days"."""

    named: str


ChartUnit: TypeAlias = Literal['plain'] | Literal['fraction'] | Literal['percent'] | ChartUnitCurrency | ChartUnitNamed
"""What numbers count, as far as it is known."""


class ColumnKnowledge(TypedDict):
    """What people know and decided about a column."""

    term: NotRequired[str | None]
    """What people call it."""
    description: NotRequired[str | None]
    """What it holds; wins over the database's comment."""
    personal: NotRequired[str | None]
    """Kind of personal data it holds, such as `email`; `none` for none, whatever its values look like."""
    disclose: NotRequired[bool]
    """Whether models may see its values, where the setting `privacy.disclosure` is `categories`: kinds, states, names of regions."""


class DecisionConfirm(TypedDict):
    kind: str
    """As in `PersonalData::kind`; never `none`."""


class DecisionAsConfirm(TypedDict):
    """It does, of this kind."""

    confirm: DecisionConfirm


Decision: TypeAlias = DecisionAsConfirm | Literal['reject']
"""Whether a column holds personal data."""


Delimiter: TypeAlias = Literal[',', ';', '\t', '|']
"""What stands between values; in JSON the character itself."""


Dialect: TypeAlias = Literal['sqlite', 'postgres', 'mysql', 'tsql', 'bigquery', 'datafusion']
"""A SQL dialect."""


ErrorKind: TypeAlias = Literal['config', 'denied', 'rejected', 'needs_approval', 'not_found', 'conflict', 'unsupported', 'unavailable', 'rate_limited', 'over_budget', 'timeout', 'cancelled', 'closed', 'limit_exceeded', 'malformed', 'adapter', 'internal']
"""What a caller can do about an error. Kinds are few: a new one is added only where callers would act differently."""


FilterOperator: TypeAlias = Literal['equal', 'not_equal', 'less', 'less_or_equal', 'greater', 'greater_or_equal']
"""A comparison operator."""


class Gates(TypedDict):
    """Bounds for the figures of a run; those that are not given bound nothing."""

    execution_match: NotRequired[float | None]
    """Least share of right answers among all questions, 0–1."""
    coverage: NotRequired[float | None]
    """Least share of answered questions, 0–1."""
    recall: NotRequired[float | None]
    """Least mean share of needed tables that were found, 0–1."""
    p95_ms: NotRequired[float | None]
    """Longest 95th percentile of latency, in milliseconds."""
    cost_usd: NotRequired[float | None]
    """Most that all questions together may cost, in US dollars."""
    allowed_drop: NotRequired[float | None]
    """How far the share of right answers may fall below that of an earlier run, 0–1."""
    significant: NotRequired[bool]
    """Whether a fall counts only where it is hardly chance (McNemar's exact test, p < 0.05)."""


class GlossaryTerm(TypedDict):
    """A word of the business and what it means there."""

    term: str
    """The word or words."""
    means: str
    """What is meant."""
    synonyms: NotRequired[list[str]]
    """Other words for it."""


Grain: TypeAlias = Literal['hour', 'day', 'week', 'iso_week', 'month', 'quarter', 'year', 'fiscal_quarter', 'fiscal_year', 'hour_of_day', 'day_of_week', 'month_of_year', 'quarter_of_year']
"""
To what a point in time is truncated, or which part of it is taken.

Output form: `Hour` `2024-03-31 14:00` · `Day` `2024-03-31` · `Week` (ISO, its Monday) `2024-03-25` · `Month` `2024-03` · `Quarter` `2024-Q1` · `Year` 2024
(integer) · `FiscalYear` 2024 (the calendar year it ends in) · `FiscalQuarter` `FY2024-Q1` · `IsoWeek` `2024-W13` ·
`HourOfDay` 0–23 · `DayOfWeek` 1–7 (Monday is 1) · `MonthOfYear` 1–12 · `QuarterOfYear` 1–4.
"""


class HostColumn(TypedDict):
    """A column of a `HostTable`."""

    name: str
    """The name in the engine's own spelling."""
    type: str
    """The type as the engine declares it: `INTEGER`, `varchar(40)`, `timestamp with time zone`; empty where it declares none."""
    nullable: NotRequired[bool]
    """Whether NULL is allowed."""
    comment: NotRequired[str | None]
    """What it holds, for people."""


class HostForeignKey(TypedDict):
    """Columns of a `HostTable` that hold the key of another."""

    columns: list[str]
    """Columns of this table."""
    table: str
    """Name of the other table."""
    schema: NotRequired[str | None]
    """Schema of the other table; without one, this table's own."""
    references: NotRequired[list[str]]
    """Columns of the other table, in the same order; without any, its primary key."""


HostTableKind: TypeAlias = Literal['table', 'view', 'materialized_view']
"""What a `HostTable` is."""


class HtmlTableOptions(TypedDict):
    """How an HTML table is written."""

    max_rows: NotRequired[int]
    """Rows written; the rest is counted in the foot."""
    null: NotRequired[str]
    """What stands for NULL."""
    caption: NotRequired[str | None]
    """What the table shows, for its caption."""
    page: NotRequired[bool]
    """Whether a page of its own is written, with a style sheet, instead of the table alone."""


class KnownRelationship(TypedDict):
    """Columns that point at the key of another table."""

    table: str
    """The table that points, `table` or `schema.table`."""
    columns: list[str]
    """Its columns."""
    references: str
    """The table pointed at."""
    referenced_columns: list[str]
    """Its columns, in the same order."""


LineEnd: TypeAlias = Literal['\r\n', '\n']
"""What ends a line."""


class MarkdownOptions(TypedDict):
    """How a Markdown table is written."""

    max_rows: NotRequired[int]
    """Rows written; the rest is counted in a line below."""
    null: NotRequired[str]
    """What stands for NULL."""


MaskKey: TypeAlias = str
"""A secret that hashes are made with. It is read as it is, and written as its hash."""


class ModelAttempt(TypedDict):
    """One try to get an answer of a model."""

    model: str
    """Which model."""
    error: NotRequired[ErrorKind | None]
    """What went wrong; null where it answered."""
    input_tokens: int
    """Tokens that were read."""
    output_tokens: int
    """Tokens that were written."""
    cost_usd: NotRequired[float | None]
    """What it cost in US dollars; null where nobody knows."""
    duration_ms: int
    """How long it took, without waiting before it."""


ModelStop: TypeAlias = Literal['complete', 'length', 'refused']
"""Why a model stopped."""


OnFailure: TypeAlias = Literal['retry', 'retry_with_sampling', 'skip_and_continue']
"""What is done about tables that a sync could not read."""


class QueryOrder(TypedDict):
    """One key of the order."""

    by: str
    """Name of a dimension or measure, hidden or not."""
    descending: NotRequired[bool]
    """Largest first; NULLs come last either way."""


RoleKind: TypeAlias = Literal['entity', 'transaction', 'event_stream', 'state_tracking', 'reference', 'bridge', 'none']
"""What a table's rows are."""


SessionFormat: TypeAlias = Literal['json', 'markdown']
"""How a session is written for somebody else."""


SetOperator: TypeAlias = Literal['union', 'intersect', 'except']
"""How results are combined."""


class Ask(TypedDict):
    max_question_chars: NotRequired[int]
    """characters of a question"""
    preview_rows: NotRequired[int]
    """rows of a preview"""
    max_rows: NotRequired[int]
    """rows of an answer where the call names no number"""
    row_ceiling: NotRequired[int | None]
    """rows a call may ask for at most; null for none"""
    max_bytes: NotRequired[int]
    """bytes of a result in memory"""
    timeout_ms: NotRequired[int]
    """time for a statement, in milliseconds"""
    confidence_floor: NotRequired[float]
    """confidence below which the planner asks or declines"""
    max_at_once: NotRequired[int | None]
    """questions of a tenant that are answered at a time; null for no limit"""
    on_overload: NotRequired[Literal['wait', 'queue', 'refuse']]
    """what happens to a question that cannot be answered at once"""


class Guard(TypedDict):
    row_cap: NotRequired[int]
    """rows a statement may return"""
    max_bytes: NotRequired[int]
    """bytes of a statement"""
    max_tokens: NotRequired[int]
    """tokens of a statement"""
    max_chained_operators: NotRequired[int]
    """operators in a row"""
    max_parentheses: NotRequired[int]
    """parentheses inside parentheses"""
    max_joins: NotRequired[int]
    """relations joined beyond the first before approval is needed"""
    max_nesting: NotRequired[int]
    """queries inside queries before approval is needed"""
    cross_join_rows: NotRequired[int]
    """rows of a join without condition before approval is needed"""
    generated_rows: NotRequired[int]
    """rows a generator may make"""
    generated_characters: NotRequired[int]
    """characters a repeating function may make"""
    require_time_filter: NotRequired[list[str]]
    """tables that are only read for a period"""
    functions: NotRequired[list[str]]
    """functions allowed beside the built-in list"""
    valid_for_s: NotRequired[int]
    """seconds a vetted statement stays valid"""


class Cache(TypedDict):
    ttl_s: NotRequired[int]
    """seconds for which an earlier result is given"""
    stale_s: NotRequired[int]
    """seconds for which an earlier result is given where a fresh one cannot be had"""
    max_mb: NotRequired[int]
    """megabytes of memory for earlier results"""


class Calendar(TypedDict):
    fiscal_year_start: NotRequired[int]
    """month in which the fiscal year starts"""


class Audit(TypedDict):
    durability: NotRequired[Literal['os', 'fsync']]
    """what an audit file promises"""
    memory_records: NotRequired[int]
    """records the audit in memory keeps"""


class Privacy(TypedDict):
    show_pii: NotRequired[bool]
    """whether results show personal data"""
    min_group_size: NotRequired[int]
    """rows of a group that is shown where personal data is not"""
    disclosure: NotRequired[Literal['none', 'categories', 'rows']]
    """what a model may see of the source's data"""


class Sources(TypedDict):
    max_open: NotRequired[int]
    """sources open at a time"""
    max_connections: NotRequired[int]
    """connections to servers at a time"""
    idle_ms: NotRequired[int]
    """milliseconds after which an unused source is closed"""


class Sync(TypedDict):
    max_at_once: NotRequired[int]
    """sources of a tenant synced at a time"""
    interval_minutes: NotRequired[int | None]
    """minutes from one sync to the next; null for none"""
    describe_tokens: NotRequired[int]
    """tokens of one sync for the host's model to describe tables; 0 for none"""


class Model(TypedDict):
    chain: NotRequired[list[str]]
    """models that are asked one after the other"""
    first: NotRequired[bool]
    """whether a model is asked before the built-in planner's answer is taken"""
    narrative: NotRequired[bool]
    """whether a model writes the narrative of an answer, one more request for each"""
    max_prompt_tokens: NotRequired[int]
    """tokens of a prompt for a model"""
    candidates: NotRequired[int]
    """answers of a model that are compared"""
    timeout_ms: NotRequired[int]
    """time for an answer of a model, in milliseconds"""
    repair_rounds: NotRequired[int]
    """how often a model may correct what was refused"""
    monthly_cap_usd: NotRequired[float | None]
    """US dollars a tenant may spend on models in a month; null for no limit"""


class Index(TypedDict):
    embedder_folder: NotRequired[str | None]
    """folder of a sentence model that finds tables and columns by meaning; null for none"""
    embedder_service: NotRequired[str | None]
    """service that makes vectors of names, such as openai:text-embedding-3-small; null for none"""
    embedder_model: NotRequired[str | None]
    """name of the model behind the host's embedder, under which its vectors are kept; null for none"""


class Network(TypedDict):
    mode: NotRequired[Literal['open', 'source-only']]
    """whether anything but sources is connected to"""
    allow_hosts: NotRequired[list[str]]
    """hosts of model services that may be connected to; none for all"""


SettingsLayer = TypedDict(
    'SettingsLayer',
    {
        'time_zone': NotRequired[str],
        'ask': NotRequired[Ask],
        'ask.max_question_chars': NotRequired[int],
        'ask.preview_rows': NotRequired[int],
        'ask.max_rows': NotRequired[int],
        'ask.row_ceiling': NotRequired[int | None],
        'ask.max_bytes': NotRequired[int],
        'ask.timeout_ms': NotRequired[int],
        'ask.confidence_floor': NotRequired[float],
        'ask.max_at_once': NotRequired[int | None],
        'ask.on_overload': NotRequired[Literal['wait', 'queue', 'refuse']],
        'guard': NotRequired[Guard],
        'guard.row_cap': NotRequired[int],
        'guard.max_bytes': NotRequired[int],
        'guard.max_tokens': NotRequired[int],
        'guard.max_chained_operators': NotRequired[int],
        'guard.max_parentheses': NotRequired[int],
        'guard.max_joins': NotRequired[int],
        'guard.max_nesting': NotRequired[int],
        'guard.cross_join_rows': NotRequired[int],
        'guard.generated_rows': NotRequired[int],
        'guard.generated_characters': NotRequired[int],
        'guard.require_time_filter': NotRequired[list[str]],
        'guard.functions': NotRequired[list[str]],
        'guard.valid_for_s': NotRequired[int],
        'cache': NotRequired[Cache],
        'cache.ttl_s': NotRequired[int],
        'cache.stale_s': NotRequired[int],
        'cache.max_mb': NotRequired[int],
        'calendar': NotRequired[Calendar],
        'calendar.fiscal_year_start': NotRequired[int],
        'audit': NotRequired[Audit],
        'audit.durability': NotRequired[Literal['os', 'fsync']],
        'audit.memory_records': NotRequired[int],
        'privacy': NotRequired[Privacy],
        'privacy.show_pii': NotRequired[bool],
        'privacy.min_group_size': NotRequired[int],
        'privacy.disclosure': NotRequired[Literal['none', 'categories', 'rows']],
        'sources': NotRequired[Sources],
        'sources.max_open': NotRequired[int],
        'sources.max_connections': NotRequired[int],
        'sources.idle_ms': NotRequired[int],
        'sync': NotRequired[Sync],
        'sync.max_at_once': NotRequired[int],
        'sync.interval_minutes': NotRequired[int | None],
        'sync.describe_tokens': NotRequired[int],
        'model': NotRequired[Model],
        'model.chain': NotRequired[list[str]],
        'model.first': NotRequired[bool],
        'model.narrative': NotRequired[bool],
        'model.max_prompt_tokens': NotRequired[int],
        'model.candidates': NotRequired[int],
        'model.timeout_ms': NotRequired[int],
        'model.repair_rounds': NotRequired[int],
        'model.monthly_cap_usd': NotRequired[float | None],
        'index': NotRequired[Index],
        'index.embedder_folder': NotRequired[str | None],
        'index.embedder_service': NotRequired[str | None],
        'index.embedder_model': NotRequired[str | None],
        'network': NotRequired[Network],
        'network.mode': NotRequired[Literal['open', 'source-only']],
        'network.allow_hosts': NotRequired[list[str]],
    },
)


class TableKnowledge(TypedDict):
    """What people know and decided about a table."""

    term: NotRequired[str | None]
    """What people call it."""
    role: NotRequired[RoleKind | None]
    """What part it plays; `none` for none of those that Leo knows, whatever it looks like."""
    description: NotRequired[str | None]
    """What a row is and what the table is for; wins over the database's comment."""
    owner: NotRequired[str | None]
    """Who answers for it."""
    tags: NotRequired[list[str]]
    """Words to find it by."""
    favourite: NotRequired[bool]
    """Whether it is shown among the first."""
    note: NotRequired[str | None]
    """Anything else worth knowing."""
    fresh_within_hours: NotRequired[int | None]
    """Hours after which its newest row is too old."""
    columns: NotRequired[dict[str, ColumnKnowledge]]
    """What is known of its columns, by name."""


class TableName(TypedDict):
    """Name of a table within a source."""

    schema: NotRequired[str | None]
    """Schema, where the engine has schemas; SQLite's is `main`. BigQuery's is `project.dataset`."""
    name: str
    """The name in the engine's own spelling."""


class TablePolicy(TypedDict):
    """Restrictions inside one table."""

    deny_columns: NotRequired[list[str]]
    """Columns that do not exist for this user."""
    row_filter: NotRequired[str | None]
    """
    A boolean SQL expression over the table's columns, literals and context attributes written `:name`; a list of values
    stands in `IN (:name)`. `:tenant` and `:user` are who asks, unless the context has attributes of those names. The rows for
    which it is true exist for this user. A user without the attribute is refused.
    """
    masks: NotRequired[dict[str, Literal['null', 'redact', 'partial', 'hash']]]
    """
    Columns whose value is replaced, by mask: `null` (nothing), `redact` (`[REDACTED]`), `partial` (`****` and the last four
    characters of a text longer than eight), `hash` (equal for equal values; needs `Access::mask_key`). NULL stays NULL;
    `redact` and `partial` show nothing of columns without text. Conditions, joins and sorting see the masked value too.
    """
    past_versions: NotRequired[bool]
    """
    Whether past versions of the rows may be asked for, `FOR SYSTEM_TIME …`, by which they show up as they were: hidden columns
    and masks hold, and the filter decides by the values of that time. Refused unless set; a history table under a name of its
    own is granted by that name in `Access::allow_tables`, and then shown whole.
    """


TextMatch: TypeAlias = Literal['equals', 'contains', 'starts_with', 'ends_with']
"""How text is matched."""


TimeUnit: TypeAlias = Literal['day', 'week', 'month', 'quarter', 'year', 'fiscal_quarter', 'fiscal_year']
"""A calendar unit."""


class TimeWindowAbsolute(TypedDict):
    start: NotRequired[str | None]
    """First day."""
    end: NotRequired[str | None]
    """Day after the last."""


class TimeWindowAsAbsolute(TypedDict):
    """From `start` (included) to `end` (excluded); either may be open."""

    absolute: TimeWindowAbsolute


class TimeWindowCurrent(TypedDict):
    """The unit that is running: "this month". Ends at the end of the unit; flagged as incomplete."""

    current: TimeUnit


class TimeWindowLast(TypedDict):
    unit: TimeUnit
    """Unit."""
    count: int
    """How many."""


class TimeWindowAsLast(TypedDict):
    """The last `count` complete units before the running one: "last quarter", "last 3 months"."""

    last: TimeWindowLast


class TimeWindowRolling(TypedDict):
    unit: TimeUnit
    """Unit."""
    count: int
    """How many."""


class TimeWindowAsRolling(TypedDict):
    """The `count` units that end today, today included: "last 14 days", "the past 12 months up to today"."""

    rolling: TimeWindowRolling


class TimeWindowToDate(TypedDict):
    """From the start of the unit to today, included: "year to date"."""

    to_date: TimeUnit


class TimeWindowNext(TypedDict):
    unit: TimeUnit
    """Unit."""
    count: int
    """How many."""


class TimeWindowAsNext(TypedDict):
    """The `count` complete units after the running one: "next month"."""

    next: TimeWindowNext


TimeWindow: TypeAlias = TimeWindowAsAbsolute | TimeWindowCurrent | TimeWindowAsLast | TimeWindowAsRolling | TimeWindowToDate | TimeWindowAsNext
"""A stretch of time, absolute or relative to the moment of asking."""


class TopPer(TypedDict):
    """The first `n` rows of each group."""

    within: list[str]
    """Names of the dimensions that make a group."""
    n: int
    """Rows kept for each; ties broken by the query's order, then by the dimensions."""
    by: QueryOrder
    """What ranks them: a measure or dimension."""


class TransformShareOfTotal(TypedDict):
    within: list[str]
    """Names of dimensions; empty means everything."""


class TransformAsShareOfTotal(TypedDict):
    """
    Divided by the total over all groups (or over the groups that agree in the named dimensions): 0–1. The total is taken
    before `having` and `limit`.
    """

    share_of_total: TransformShareOfTotal


Transform: TypeAlias = Literal['none'] | TransformAsShareOfTotal | Literal['running_total']
"""What is done to aggregated values."""


class ValueBytes(TypedDict):
    """Bytes as hexadecimal digits."""

    bytes: str


Value: TypeAlias = bool | float | str | ValueBytes | None
"""A scalar value. An exact decimal is text with all its digits; dates and times are text in ISO form."""


class VerifiedQuery(TypedDict):
    """A question and the statement that answers it."""

    question: str
    """As somebody asked it."""
    sql: str
    """In the dialect of the source. It passes the guard each time it is used."""
    note: NotRequired[str | None]
    """What to keep in mind about it."""


class Versioned(TypedDict):
    """A value and which version of it this is."""

    value: list[int]
    """The bytes."""
    version: int
    """Its version, above zero."""


class Access(TypedDict):
    """What a user may see of a source. The default sees everything."""

    allow_tables: NotRequired[list[str] | None]
    """Globs over `schema.table`; `None` means every table. Deny wins."""
    deny_tables: NotRequired[list[str]]
    """Globs over `schema.table`."""
    tables: NotRequired[dict[str, TablePolicy]]
    """Policies by `table` or `schema.table`, compared as the engine compares names."""
    mask_key: NotRequired[MaskKey | None]
    """The key of `hash` masks. Equal values have equal hashes as long as it stays the same; each tenant's differ."""
    show_personal_data: NotRequired[bool | None]
    """
    Whether this user sees personal data. Without a word here the setting `privacy.show_pii` decides. Where it is `false`, such
    columns come back redacted, and uses of them that could give values away need approval.
    """
    min_group_size: NotRequired[int | None]
    """
    Rows that a group must have to be shown, in statements that aggregate tables with personal data, to a user from whom it is
    kept. Without a word here the setting `privacy.min_group_size` decides.
    """


class AggregateCountRows(TypedDict):
    """Number of rows of a table."""

    count_rows: TableName


Attribute: TypeAlias = Value | list[Value]
"""A context attribute: a scalar or a list of scalars."""


class ChartEncoding(TypedDict):
    """A column on a channel."""

    column: str
    """Name of the column."""
    title: str
    """Label of the axis or legend."""
    scale: ChartScale
    """How its values are laid out."""
    unit: NotRequired[ChartUnit]
    """What its numbers count."""
    grain: NotRequired[Grain | None]
    """For time dimensions: the grain, where it is known; 1–7 of a weekday are shown as names."""


class ChartSort(TypedDict):
    """Order of the categories."""

    by: ChartSortBy
    """What is ordered by."""
    descending: NotRequired[bool]
    """Largest or last first."""


class ChartSpec(TypedDict):
    """
    A chart of a result. Columns are named; values stay in the result.

    What the channels mean: bars, lines and areas have `x` (categories or time), `y` (one measure, or several beside each other) and
    `series` (splits the one measure). A horizontal bar keeps that meaning and is only drawn sideways. A pie has its slices in `x` and
    their size in `y`. A scatter has measures in both, `series` colours the points. A heatmap has categories in `x` and `series` and
    its one measure in `y`. A KPI has the measure in `y`, and the value it is compared with as a second one. A table has none.
    """

    kind: ChartKind
    """What is drawn."""
    x: NotRequired[ChartEncoding | None]
    """Categories, time, or the first measure of a scatter."""
    y: NotRequired[list[ChartEncoding]]
    """Measures."""
    series: NotRequired[ChartEncoding | None]
    """Splits the measure into one series per value."""
    arrangement: NotRequired[ChartArrangement]
    """How several bars or areas at one place are arranged."""
    sort: NotRequired[ChartSort | None]
    """Order of the categories; the result's own order when absent."""
    title: NotRequired[str]
    """Title."""
    alt_text: NotRequired[str]
    """What the chart shows, for people who do not see it. Holds no value of the result."""
    reason: NotRequired[str]
    """Why this chart, in a few words."""


class ComparisonBaseWindow(TypedDict):
    """A window of its own."""

    window: TimeWindow


ComparisonBase: TypeAlias = Literal['previous_period'] | Literal['previous_year'] | ComparisonBaseWindow
"""The other period."""


class CsvOptions(TypedDict):
    """How CSV is written."""

    delimiter: NotRequired[Delimiter]
    """What stands between values."""
    header: NotRequired[bool]
    """Whether the first line holds the names of the columns."""
    null: NotRequired[str]
    """What stands for NULL. Text that is the same is quoted, so that the two can be told apart."""
    escape_formulas: NotRequired[bool]
    """Whether text that a spreadsheet would take for a formula gets an apostrophe in front. Numbers never do."""
    line_end: NotRequired[LineEnd]
    """What ends a line."""
    byte_order_mark: NotRequired[bool]
    """Whether the file begins with a byte order mark, by which Excel knows UTF-8."""


class HavingValueValue(TypedDict):
    """A constant."""

    value: Value


HavingValue: TypeAlias = HavingValueValue | Literal['average_of_groups']
"""The right side of a condition on a group."""


class HostTable(TypedDict):
    """A table or view in a `HostCatalog`."""

    name: str
    """The name in the engine's own spelling."""
    schema: NotRequired[str | None]
    """Its schema; without one it is in the schema that a bare name means."""
    comment: NotRequired[str | None]
    """What it holds, for people."""
    kind: NotRequired[HostTableKind]
    """A table unless said otherwise."""
    definition: NotRequired[str | None]
    """The query of a view. A view without one is refused to users from whom rows or columns of some table are kept."""
    rows_of: NotRequired[list[str]]
    """
    Names of the tables whose rows it holds or shows under another name: what a synonym, a partition or a history table is made of.
    Without them a user from whom rows are kept there finds them here.
    """
    columns: list[HostColumn]
    """Columns in the engine's order."""
    primary_key: NotRequired[list[str]]
    """Columns of the primary key, in its order."""
    unique_keys: NotRequired[list[list[str]]]
    """Columns of each other key whose values occur once."""
    foreign_keys: NotRequired[list[HostForeignKey]]
    """Keys of other tables. One of a table that is not described is left out."""
    rows: NotRequired[int | None]
    """About how many rows there are, where that is known."""
    data_version: NotRequired[str | None]
    """Changes whenever a row does: where it is as it was, a sync does not read the table again."""


class ModelResponse(TypedDict):
    """What a model answered."""

    output: Any
    """The JSON that the schema asks for, as it is or as text; or `{"tool": …, "arguments": …}` where it called a function."""
    input_tokens: NotRequired[int]
    """Tokens that were read."""
    cached_tokens: NotRequired[int]
    """Of those, tokens that the service had read before and remembered."""
    output_tokens: NotRequired[int]
    """Tokens that were written."""
    cost_usd: NotRequired[float | None]
    """What it cost in US dollars; null where nobody knows."""
    model: NotRequired[str]
    """Which model it was."""
    stop: NotRequired[ModelStop]
    """Why it stopped."""
    attempts: NotRequired[list[ModelAttempt]]
    """Each try on the way to this answer, oldest first; empty where there was one alone."""


class PersonalDecision(TypedDict):
    """What somebody decided about a column. Kept by the host, it survives every sync."""

    table: TableName
    """The table."""
    column: str
    """The column."""
    decision: Decision
    """The decision."""


class QueryField(TypedDict):
    """A column, reached from `from` along relationships."""

    table: TableName
    """Table of the column."""
    column: str
    """Its name."""
    via: NotRequired[list[str]]
    """
    Relationship ids (`crate::catalog::Relationship::id`) from the query's `from` to `table`, for role-playing dimensions
    and self joins; empty means the preferred path.
    """


class ScalarField(TypedDict):
    """A column."""

    field: QueryField


class ScalarLiteral(TypedDict):
    """A constant; bound as a parameter. Numbers within arithmetic are part of the formula and written out."""

    literal: Value


class SynonymTargetTable(TypedDict):
    """A table."""

    table: TableName


class SynonymTargetColumn(TypedDict):
    table: TableName
    """Its table."""
    column: str
    """Its name."""


class SynonymTargetAsColumn(TypedDict):
    """A column."""

    column: SynonymTargetColumn


SynonymTarget: TypeAlias = SynonymTargetTable | SynonymTargetAsColumn
"""What a synonym stands for."""


class Comparison(TypedDict):
    """
    Sets each measure beside another period's: adds `<name>_previous`, `<name>_change` and `<name>_change_pct` (a fraction; NULL when
    the previous value is 0 or missing).
    """

    time: QueryField
    """The time column."""
    window: TimeWindow
    """The window asked about."""
    base: ComparisonBase
    """With what."""


class FilterDuring(TypedDict):
    value: QueryField
    """The point in time."""
    window: TimeWindow
    """The window."""


class FilterAsDuring(TypedDict):
    """A point in time within a window."""

    during: FilterDuring


class FilterFollowedBy(TypedDict):
    event: TableName
    """Table of the events; a child of `from`."""
    time: QueryField
    """When an event happened; a column of `event`."""
    within_days: int
    """Days after the first event, included."""


class FilterAsFollowedBy(TypedDict):
    """The row's first event is followed by a later one within so many days, counted by dates ("came back within 90 days")."""

    followed_by: FilterFollowedBy


class Having(TypedDict):
    """A condition on a group."""

    measure: str
    """Name of a measure, hidden or not."""
    op: FilterOperator
    """Operator."""
    value: HavingValue
    """What it is compared with."""


class HostCatalog(TypedDict):
    """Tables of a source, as plain data. `into_catalog` checks it and makes a `Catalog` of it."""

    dialect: Dialect
    """The dialect that statements are written in."""
    default_schema: NotRequired[str | None]
    """The schema that a bare name means, where it is not the dialect's usual one."""
    read_only: NotRequired[bool]
    """Whether the login that statements run under can do nothing but read, as far as the host knows."""
    tables: list[HostTable]
    """Tables and views."""


class Synonym(TypedDict):
    """Another word for a table or a column."""

    words: str
    """The word or words people use."""
    target: SynonymTarget
    """What they mean."""


LeoInput: TypeAlias = Union[
    Access,
    Attribute,
    CardOptions,
    ChartSpec,
    CsvOptions,
    Gates,
    HostCatalog,
    HtmlTableOptions,
    "Knowledge",
    MarkdownOptions,
    ModelResponse,
    OnFailure,
    PersonalDecision,
    "SemanticQuery",
    SessionFormat,
    SettingsLayer,
    TablePolicy,
    Versioned,
]
"""What Leo takes."""


class AggregateCount(TypedDict):
    """Number of values that are not NULL."""

    count: Scalar


class AggregateCountDistinct(TypedDict):
    """Number of different values."""

    count_distinct: Scalar


class AggregateSum(TypedDict):
    """Sum."""

    sum: Scalar


class AggregateAvg(TypedDict):
    """Mean."""

    avg: Scalar


class AggregateMin(TypedDict):
    """Smallest value."""

    min: Scalar


class AggregateMax(TypedDict):
    """Largest value."""

    max: Scalar


class AggregateRatio(TypedDict):
    numerator: Measure
    """Above the line."""
    denominator: Measure
    """Below the line."""


class AggregateAsRatio(TypedDict):
    """One measure divided by another, each aggregated first; NULL when the denominator is 0."""

    ratio: AggregateRatio


Aggregate: TypeAlias = AggregateCountRows | AggregateCount | AggregateCountDistinct | AggregateSum | AggregateAvg | AggregateMin | AggregateMax | AggregateAsRatio | AggregateMetric
"""
What a measure computes. The table whose rows are aggregated is the one named, or the most detailed one among the fields of
the scalar; a join that would repeat its rows is never taken. Aggregates that do not mind repeated rows (different values,
smallest, largest) are taken over the rows of `from` when each of these leads to one row of every field's table: "in how many
countries were orders placed" counts the countries of orders, not of all customers.
"""


class Dimension(TypedDict):
    """A grouping or listed column."""

    name: str
    """Name in the output; unique in the query."""
    value: Scalar
    """What is grouped by."""
    grain: NotRequired[Grain | None]
    """For points in time: truncated to this."""
    hidden: NotRequired[bool]
    """Grouped by and there to order by, but not returned: the key behind two customers of one name, the age behind "youngest"."""


FilterAnd = TypedDict(
    'FilterAnd',
    {
        'and': list["Filter"]
    },
)


FilterOr = TypedDict(
    'FilterOr',
    {
        'or': list["Filter"]
    },
)


FilterNot = TypedDict(
    'FilterNot',
    {
        'not': "Filter"
    },
)


class FilterCompare(TypedDict):
    left: Scalar
    """Left."""
    op: FilterOperator
    """Operator."""
    right: Scalar
    """Right."""


class FilterAsCompare(TypedDict):
    """A comparison of two values."""

    compare: FilterCompare


class FilterIn(TypedDict):
    value: Scalar
    """The value."""
    set: list[Value]
    """The list; an empty one matches nothing."""


FilterAsIn = TypedDict(
    'FilterAsIn',
    {
        'in': FilterIn
    },
)


class FilterBetween(TypedDict):
    value: Scalar
    """The value."""
    low: Value
    """Lower end, included."""
    high: Value
    """Upper end, included."""


class FilterAsBetween(TypedDict):
    """`low ≤ value ≤ high`."""

    between: FilterBetween


class FilterText(TypedDict):
    value: Scalar
    """The value."""
    kind: TextMatch
    """How it is matched."""
    text: str
    """The text sought, taken literally (`%` and `_` are escaped)."""


class FilterAsText(TypedDict):
    """A text match without regard to case."""

    text: FilterText


class FilterIsNull(TypedDict):
    """The value is NULL."""

    is_null: Scalar


class FilterExists(TypedDict):
    table: TableName
    """The other table."""
    filter: NotRequired[Filter | None]
    """Conditions on it."""
    at_least: NotRequired[int]
    """Least number of rows; 1 unless set."""


class FilterAsExists(TypedDict):
    """
    At least `at_least` rows of another table belong to this row; `Not` around it asks for absence. Naming the row's own table
    asks for its children along a key of the table to itself.
    """

    exists: FilterExists


class FilterInQuery(TypedDict):
    value: Scalar
    """The value."""
    query: SemanticQuery
    """The other query."""


class FilterAsInQuery(TypedDict):
    """Membership in the single column of another query."""

    in_query: FilterInQuery


class FilterCompareQuery(TypedDict):
    left: Scalar
    """Left."""
    op: FilterOperator
    """Operator."""
    query: SemanticQuery
    """The other query."""


class FilterAsCompareQuery(TypedDict):
    """A comparison with the single value of another query ("above the average")."""

    compare_query: FilterCompareQuery


Filter: TypeAlias = FilterAnd | FilterOr | FilterNot | FilterAsCompare | FilterAsIn | FilterAsBetween | FilterAsText | FilterIsNull | FilterAsDuring | FilterAsExists | FilterAsInQuery | FilterAsCompareQuery | FilterAsFollowedBy
"""
Which rows count.

A condition on a column of a table that has several rows for one row asked about holds when one of those rows meets it;
conditions on the same such table within one `And` are asked of the same row, and `Not` around them asks for absence.
A day beside a column that stores times stands for all times of that day.
"""


class Knowledge(TypedDict):
    """Business knowledge about a source. Empty by default; entries that name tables or columns the source does not have are of no effect."""

    metrics: NotRequired[list[MetricDefinition]]
    """Governed metrics; they win over measures derived from column names."""
    synonyms: NotRequired[list[Synonym]]
    """Other words for tables and columns."""
    glossary: NotRequired[list[GlossaryTerm]]
    """What words of the business mean."""
    verified: NotRequired[list[VerifiedQuery]]
    """Questions with the statement that answers them, as somebody checked it."""
    tables: NotRequired[dict[str, TableKnowledge]]
    """What is known of tables, by `table` or `schema.table`."""
    relationships: NotRequired[list[KnownRelationship]]
    """Columns that point at others where the database does not say so."""
    fiscal_year_start: NotRequired[int | None]
    """Month in which the fiscal year starts, 1 to 12."""


class Measure(TypedDict):
    """An aggregate with a name."""

    name: str
    """Name in the output; unique in the query."""
    aggregate: Aggregate
    """What is computed."""
    filter: NotRequired[Filter | None]
    """Only rows that meet this count for this measure."""
    transform: NotRequired[Transform]
    """What is done to the aggregated values."""
    hidden: NotRequired[bool]
    """Computed for `having` or `order` but not returned."""


class MetricDefinition(TypedDict):
    """A metric with a fixed definition."""

    name: str
    """Its name as people write it: `net revenue`."""
    synonyms: NotRequired[list[str]]
    """Other names."""
    measure: Measure
    """What it computes."""
    table: TableName
    """The table whose rows it aggregates."""
    description: NotRequired[str | None]
    """Shown in explanations."""


class ScalarArithmetic(TypedDict):
    op: Arithmetic
    """The operator."""
    left: Scalar
    """Left operand."""
    right: Scalar
    """Right operand."""


class ScalarAsArithmetic(TypedDict):
    """Arithmetic; division is never integer division, and by zero gives NULL."""

    arithmetic: ScalarArithmetic


ScalarDaysBetween = TypedDict(
    'ScalarDaysBetween',
    {
        'from': "Scalar",
        'to': "Scalar",
    },
)


class ScalarAsDaysBetween(TypedDict):
    """Days from one point in time to another, with fractions where times of day are stored."""

    days_between: ScalarDaysBetween


class ScalarCoalesce(TypedDict):
    """The first operand that is not NULL."""

    coalesce: list[Scalar]


Scalar: TypeAlias = ScalarField | ScalarLiteral | ScalarAsArithmetic | ScalarAsDaysBetween | ScalarCoalesce
"""A value computed for each row."""


SemanticQuery = TypedDict(
    'SemanticQuery',
    {
        'from': TableName,
        'dimensions': NotRequired[list[Dimension]],
        'measures': NotRequired[list[Measure]],
        'filter': NotRequired[Filter | None],
        'having': NotRequired[list[Having]],
        'order': NotRequired[list[QueryOrder]],
        'limit': NotRequired[int | None],
        'top_per': NotRequired[TopPer | None],
        'compare': NotRequired[Comparison | None],
        'distinct': NotRequired[bool],
        'set': NotRequired[tuple[SetOperator, "SemanticQuery"] | None],
    },
)
