# Made from docs/schema by tests/test_types.py; change the types in Rust.

from __future__ import annotations

from typing import Any, Literal, TypeAlias, TypedDict, Union

from typing_extensions import NotRequired

Action: TypeAlias = Literal['ask', 'browse', 'manage_sources', 'read_audit', 'export_audit']
"""What somebody wants to do."""


class AggregateMetric(TypedDict):
    """
    A governed metric of the source, by its name or another one of it: what it computes and the rows that count for it are as people
    [defined](crate::knowledge::MetricDefinition) them. Of the query's own measures only; `Knowledge::resolve`
    puts the definition in its place.
    """

    metric: str


AggregateOp: TypeAlias = Literal['sum', 'mean', 'min', 'max', 'median', 'count']
"""An aggregate over cells; NULL is left out."""


AnswerStatus: TypeAlias = Literal['answered', 'clarify', 'declined', 'not_data_question', 'needs_approval', 'blocked', 'not_executed', 'queued', 'stale']
"""What came of a question."""


Arithmetic: TypeAlias = Literal['add', 'subtract', 'multiply', 'divide']
"""`+ − × ÷`."""


class AskEventQueued(TypedDict):
    """The question waits for others of its tenant."""

    event: Literal['queued']
    position: int
    """Its place in the line, from 1."""


BreakerState: TypeAlias = Literal['closed', 'half_open', 'open']
"""What the circuit breaker does."""


class ByteRange(TypedDict):
    """Where something is in a text: bytes of its UTF-8."""

    start: int
    """The first byte."""
    end: int
    """The byte after the last."""


class CacheSettings(TypedDict):
    """
    How long the rows of an answer, and what a model wrote for a question, are of use to whoever asks the same.

    Both are kept in memory, by tenant, source, policy in force and catalogue; a sync of the source forgets them.
    """

    ttl_s: int
    """
    Seconds for which they are given again without asking the database or the model; 0 for never. Default 0 in `local`, 4 hours in
    `embedded`.
    """
    stale_s: int
    """
    Seconds for which they are given, with a warning, where the database or the model cannot be reached; 0 for never. Default 0 in `local`,
    24 hours in `embedded`.
    """
    max_mb: int
    """Megabytes of memory for them; those that were used least recently go first. Default 64."""


class CalendarSettings(TypedDict):
    """How years are counted."""

    fiscal_year_start: int
    """Month in which the fiscal year starts, 1 to 12. Default 1."""


CalloutKind: TypeAlias = Literal['largest_change', 'outlier', 'missing_periods', 'concentration']
"""Kinds of callout."""


Cardinality: TypeAlias = Literal['many_to_one', 'one_to_one']
"""How many rows may meet in a relationship, read from child to parent."""


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


CheckKind: TypeAlias = Literal['completeness', 'uniqueness', 'references', 'validity', 'freshness', 'volume']
"""What a check looks at."""


class CheckOutcomeFailed(TypedDict):
    """It does not; what it did instead."""

    failed: str


CheckOutcome: TypeAlias = Literal['passed'] | CheckOutcomeFailed
"""What came of a check."""


class ClaimRows(TypedDict):
    """The table has so many rows."""

    rows: int


class ClaimExtreme(TypedDict):
    row: int
    """Row."""
    column: int
    """Column."""
    least: bool
    """Greatest or least."""


class ClaimAsExtreme(TypedDict):
    """The cell is the greatest (or least) of its column, and no other row has the same."""

    extreme: ClaimExtreme


class ClaimTie(TypedDict):
    row: int
    """One of the rows."""
    column: int
    """Column."""
    least: bool
    """Greatest or least."""
    rows: int
    """How many."""


class ClaimAsTie(TypedDict):
    """So many rows share the greatest (or least) value, that of `row`."""

    tie: ClaimTie


class ClaimLeading(TypedDict):
    rows: list[int]
    """Rows, first the leading one."""
    column: int
    """Column."""
    least: bool
    """Greatest or least."""


class ClaimAsLeading(TypedDict):
    """The rows' values are the greatest (or least) of the column, in this order."""

    leading: ClaimLeading


class ClaimLargestGroup(TypedDict):
    by: int
    """Column of the groups."""
    row: int
    """A row of the group."""
    column: int
    """Column that is summed."""


class ClaimAsLargestGroup(TypedDict):
    """The sum over the rows like `row` is the greatest among the groups of that column."""

    largest_group: ClaimLargestGroup


class ClaimLargestStep(TypedDict):
    row: int
    """Row of the later value."""
    before: int
    """Row of the earlier value."""
    column: int
    """Column."""
    along: int
    """Column that orders the rows."""


class ClaimAsLargestStep(TypedDict):
    """The change from the row before is the largest of the column, by amount."""

    largest_step: ClaimLargestStep


class ClaimOutlier(TypedDict):
    row: int
    """Row."""
    column: int
    """Column."""


class ClaimAsOutlier(TypedDict):
    """The cell is an outlier of its column: modified z-score above 3.5."""

    outlier: ClaimOutlier


class ClaimMissing(TypedDict):
    row: int
    """Row."""
    column: int
    """Column."""


class ClaimAsMissing(TypedDict):
    """The cell is NULL."""

    missing: ClaimMissing


class ClaimTruth(TypedDict):
    row: int
    """Row."""
    column: int
    """Column."""
    holds: bool
    """Yes or no."""


class ClaimAsTruth(TypedDict):
    """The cell (a count or a truth value) says yes, or no."""

    truth: ClaimTruth


class ClientInfo(TypedDict):
    """The caller's address and program, for the audit."""

    address: str | None
    """Network address, when there is one."""
    agent: str | None
    """User agent or program."""


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


TopItem: TypeAlias = int


class ConfidenceInterval(TypedDict):
    """Where a share lies with a confidence of 95 %."""

    low: float
    """Lower end, 0–1."""
    high: float
    """Upper end, 0–1."""


class ConnectionReport(TypedDict):
    """What a connection test found."""

    latency_ms: int
    """Milliseconds from the first packet to the last answer."""
    server_version: str
    """The server's version in its own words."""
    tables_found: int
    """Tables and views that the login may read."""
    read_only: bool
    """Whether the login can only read."""
    warnings: list[str]
    """What works but should not stay: a login that can write, a connection without TLS, more than 200 tables."""


DescriptionOrigin: TypeAlias = Literal['host', 'comment', 'model', 'rule']
"""Where a description comes from, best first."""


Dialect: TypeAlias = Literal['sqlite', 'postgres', 'mysql', 'tsql', 'bigquery', 'datafusion']
"""A SQL dialect."""


Disclosure: TypeAlias = Literal['none', 'categories', 'rows']
"""What a model may see of a source's data."""


Durability: TypeAlias = Literal['os', 'fsync']
"""What an append to the audit file promises when it returns."""


ErrorKind: TypeAlias = Literal['config', 'denied', 'rejected', 'needs_approval', 'not_found', 'conflict', 'unsupported', 'unavailable', 'rate_limited', 'over_budget', 'timeout', 'cancelled', 'closed', 'limit_exceeded', 'malformed', 'adapter', 'internal']
"""What a caller can do about an error. Kinds are few: a new one is added only where callers would act differently."""


class Estimate(TypedDict):
    """What a statement would cost."""

    rows: NotRequired[int | None]
    """Rows the engine expects to read or return."""
    bytes: NotRequired[int | None]
    """Bytes billed."""
    cost: NotRequired[float | None]
    """The engine's own cost figure."""


class EvaluationLatency(TypedDict):
    """Percentiles of the answers' latency."""

    p50: float
    """Median."""
    p95: float
    """95th percentile."""
    p99: float
    """99th percentile."""


class EvaluationRetrieval(TypedDict):
    """How often the tables that questions need were found."""

    questions: int
    """Questions of which both is known: what they need, and what was found."""
    k: int
    """Tables that count, of those that were found."""
    recall: float
    """Mean share of the needed tables among the first k, 0–1."""
    all_found: float
    """Share of the questions all of whose tables are among the first k."""


class EvaluationShare(TypedDict):
    """A share with what it is a share of."""

    questions: int
    """How many there are."""
    correct: float
    """Share of them that is right, 0–1."""


class EvaluationSpent(TypedDict):
    """What questions cost, in tokens or US dollars."""

    questions: int
    """Questions of which it is known."""
    total: float
    """Of all of them."""
    mean: float
    """Of one, on average."""
    p95: float
    """95th percentile, nearest rank."""


class EvaluationStrict(TypedDict):
    """Stricter variants of the rule."""

    distinct_kept: float
    """With `DISTINCT` kept on both sides."""
    column_order_kept: float
    """With `DISTINCT` kept and columns in the reference's order."""


Evidence: TypeAlias = Literal['knowledge', 'name', 'part_of_name', 'comment', 'abbreviation', 'synonym', 'value', 'spelling', 'structure', 'grammar']
"""Why words were linked."""


FailureClass: TypeAlias = Literal['timeout', 'quota_exceeded', 'permission_denied', 'transient_network', 'malformed_response', 'validation_failed', 'other']
"""What kind of failure ended a step: what a person can do about it."""


class FigureFormatNumber(TypedDict):
    """As a number in a unit."""

    number: ChartUnit


class FigureFormatMagnitude(TypedDict):
    """As a number in a unit without its sign; the words say the direction."""

    magnitude: ChartUnit


class FigureFormatSigned(TypedDict):
    """As a number in a unit, with a sign even where it is positive: a change."""

    signed: ChartUnit


class FigureRowsList(TypedDict):
    """These."""

    list: list[int]


class FigureRowsLike(TypedDict):
    column: int
    """Column, from 0."""
    row: int
    """Row, from 0."""


class FigureRowsAsLike(TypedDict):
    """Those whose cell in `column` equals that of `row`."""

    like: FigureRowsLike


FigureRows: TypeAlias = Literal['all'] | FigureRowsList | FigureRowsAsLike
"""Rows an aggregate runs over."""


class FigureSourceCell(TypedDict):
    row: int
    """Row."""
    column: int
    """Column."""


class FigureSourceAsCell(TypedDict):
    """One cell, both counted from 0."""

    cell: FigureSourceCell


class FigureSourceAggregate(TypedDict):
    op: AggregateOp
    """Which."""
    column: int
    """Column, from 0."""
    rows: FigureRows
    """Which rows."""


class FigureSourceAsAggregate(TypedDict):
    """An aggregate of a column's cells."""

    aggregate: FigureSourceAggregate


class FigureSourceRowCount(TypedDict):
    beyond: int
    """Rows already named."""


class FigureSourceAsRowCount(TypedDict):
    """Number of rows, less `beyond`: "and 12 more"."""

    row_count: FigureSourceRowCount


class FigureSourceDistinct(TypedDict):
    column: int
    """Column, from 0."""


class FigureSourceAsDistinct(TypedDict):
    """Number of different values in a column."""

    distinct: FigureSourceDistinct


class FigureSourceMissingPeriods(TypedDict):
    column: int
    """Column, from 0."""
    at: int | None
    """Which of them; `None` is how many."""


class FigureSourceAsMissingPeriods(TypedDict):
    """Periods that a time column leaves out between its first and last: how many, or the one at a position."""

    missing_periods: FigureSourceMissingPeriods


class FigureSourceGiven(TypedDict):
    """Said by the caller and not computed: a window, a name."""

    given: str


FilterOperator: TypeAlias = Literal['equal', 'not_equal', 'less', 'less_or_equal', 'greater', 'greater_or_equal']
"""A comparison operator."""


class Freshness(TypedDict):
    """How recent a table's rows are."""

    table: str
    """The table."""
    column: str
    """The column that says when a row happened."""
    latest: str
    """Its latest value when the source was last synced."""


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


class GuardLimits(TypedDict):
    """What a statement may look like and cost."""

    row_cap: int
    """Rows a statement may return. Default 5,000; `Settings::guard_for` sets it to what a call asks for."""
    max_bytes: int
    """Bytes of text. Default 65,536."""
    max_tokens: int
    """Tokens. Default 16,384."""
    max_chained_operators: int
    """Operators and set operations in a row. Default 500."""
    max_parentheses: int
    """Parentheses inside parentheses. Default 40."""
    max_joins: int
    """Relations joined in one `FROM` beyond the first; more need approval. Default 5."""
    max_nesting: int
    """Queries inside queries; more need approval. Default 3."""
    cross_join_rows: int
    """
    Product of the row counts of relations joined without a condition; above it the statement needs approval. A relation of
    unknown size counts as 1,000 rows. Default 1,000,000,000.
    """
    generated_rows: int
    """Rows that a generator such as `generate_series` or a counting recursion may make. Default 1,000,000."""
    generated_characters: int
    """Characters that `repeat` and its kin may make. Default 10,000."""
    require_time_filter: list[str]
    """
    Tables (globs over `schema.table`) that a statement may only read with a condition on their time column; tables without one
    are exempt. Default none.
    """
    functions: list[str]
    """Functions allowed beside the built-in list, by the name as called (`dbo.fiscal_year`); case does not matter."""
    valid_for_s: int
    """Seconds a vetted statement stays valid. Default 900."""


HitKind: TypeAlias = Literal['table', 'column', 'metric', 'glossary', 'question']
"""What is found by a search."""


HitPlace: TypeAlias = Literal['name', 'spelling', 'synonym', 'comment', 'value', 'meaning']
"""Where a word was found."""


class IndexSettings(TypedDict):
    """How tables and columns are found by words."""

    embedder_folder: str | None
    """
    Folder of a sentence model on this machine, such as all-MiniLM-L6-v2 as sentence-transformers saves it: the embedder where the host
    brings none. Needs a build with the feature `minilm`. Default null.
    """
    embedder_service: str | None
    """
    Service that makes vectors of names, where the host brings no embedder: `openai`, `openai:text-embedding-3-large`,
    `chat:bge-m3@http://localhost:8000/v1`. Names and comments of tables and columns and searched words go there. The key comes from the environment. Default null.
    """
    embedder_model: str | None
    """
    The model behind the host's embedder, by its name and version, where the embedder does not say so itself: its vectors are then kept in the
    storage under that name. Give it another name when the vectors become other ones. Default null, which keeps none.
    """


JoinKind: TypeAlias = Literal['inner', 'left', 'exists']
"""How two tables meet."""


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


class LinkTargetMeasure(TypedDict):
    """A measure, as a formula: `SUM(order_lines.unit_price × quantity)`."""

    measure: str


class LinkTargetTime(TypedDict):
    """A stretch of time or a grain, in words."""

    time: str


class LinkTargetOperation(TypedDict):
    """An operation: `average`, `top 5`, `not`."""

    operation: str


LogicalType: TypeAlias = Literal['boolean', 'integer', 'decimal', 'float', 'text', 'date', 'time', 'timestamp', 'binary', 'json', 'uuid', 'other']
"""What a column's type means, whatever the engine calls it."""


class McNemar(TypedDict):
    """McNemar's test of two runs over the same questions."""

    b: int
    """Questions that were right before and are wrong now."""
    c: int
    """Questions that were wrong before and are right now."""
    p_value: float
    """How likely a difference as large or larger is when neither run is better, 0–1: exact, two-sided."""
    mid_p: float
    """The mid-p value, which is less cautious: what is as likely as what came out counts half."""


Mismatch: TypeAlias = Literal['columns', 'row_count', 'order', 'values']
"""In what an answer differs from its reference; the first that applies."""


class Mistake(TypedDict):
    """Something that knowledge says and that is of no effect as it stands."""

    line: NotRequired[int | None]
    """Line of the file, from 1, where it was read from one."""
    at: str
    """Where, as `metrics[2]` or `tables.orders.columns.email`."""
    message: str
    """What is wrong, with the nearest names."""


ModelPurpose: TypeAlias = Literal['plan', 'repair', 'describe', 'narrate']
"""What a `ModelRequest` is for."""


ModelRole: TypeAlias = Literal['user', 'assistant']
"""Who says a `ModelMessage`."""


class ModelSettings(TypedDict):
    """How models are asked, where there are any."""

    chain: list[str]
    """
    Models that are asked one after the other until one answers, behind those that the host brings: `openai:gpt-5-mini`,
    `anthropic:claude-sonnet-4-5`, `chat:qwen2.5-coder@http://localhost:11434/v1`, `replay:FOLDER`. Keys come from the environment. Default none.
    """
    first: bool
    """
    Whether a model is asked before the built-in planner's answer is taken, and not only where it has none. Where the model does not help, that
    answer stands. Default false: each costs.
    """
    narrative: bool
    """
    Whether a model writes the narrative of a question's answer, with references in the place of figures, which Leo fills in and checks: one more
    request for each answer with rows. Where the model does not help, the narrative is the one that is made by rules. Default false: each costs.
    """
    max_prompt_tokens: int
    """
    Tokens of a prompt, counted on the safe side. Where there is more to say, it gives way in this order: earlier turns, what people say and fits
    least, comments and figures of tables that fit the question least, columns that it seems not to need, and tables. Default 6,000.
    """
    candidates: int
    """How many answers are asked for at once, 1 to 5; the one that most agree with in their rows is taken. Default 1: each costs."""
    timeout_ms: int
    """Time for an answer of the models, all attempts and waiting included, in milliseconds. Default 60,000."""
    repair_rounds: int
    """How often a model may correct what the guard refused, what has no form, and what the database did not run, 0 to 2. Default 2."""
    monthly_cap_usd: float | None
    """US dollars that a tenant may spend on models in a month of UTC; beyond, none is asked. Default null, for no limit."""


class ModelSpending(TypedDict):
    """What one user spent on one model on one day."""

    day: str
    """The day, in UTC."""
    user: str
    """The user."""
    model: str
    """The model."""
    requests: int
    """Requests that were answered, and tries on the way to an answer."""
    input_tokens: int
    """Tokens read."""
    output_tokens: int
    """Tokens written."""
    cost_micro_usd: int
    """What it cost, in millionths of a US dollar, as far as prices are known."""
    unpriced: int
    """Requests whose price is not known."""


class ModelStatistics(TypedDict):
    """How one model did since the process began."""

    model: str
    """Which model: `openai:gpt-5-mini`, or `host`."""
    breaker: BreakerState
    """Whether it is left alone after failures."""
    requests: int
    """Requests."""
    failures: int
    """Requests that failed."""
    requests_per_minute: int
    """Requests of the last minute."""
    error_rate: float
    """Failed requests by requests, of the last 1,000."""
    latency_p50_ms: int
    """Median time of the last 1,000 requests, in milliseconds."""
    latency_p95_ms: int
    """The 95th percentile of the same."""
    input_tokens: int
    """Tokens read."""
    output_tokens: int
    """Tokens written."""
    cost_usd: float
    """What it cost, in US dollars, as far as prices are known."""
    cost_today_usd: float
    """What it cost today, by the clock of the calls and in UTC."""


class ModelTool(TypedDict):
    """A function that a model may call instead of answering in words."""

    name: str
    """Its name: `execute_sql` …"""
    description: str
    """When to call it."""
    parameters: Any
    """JSON schema of its arguments."""


class NarrativeProvenance(TypedDict):
    """What a narrative by a model was made from."""

    model: NotRequired[str | None]
    """Which model wrote it, in its host's words."""
    prompt_version: str
    """Version of the prompt's words."""
    prompt_hash: str
    """Hash of everything the model was sent for it."""


NetworkMode: TypeAlias = Literal['open', 'source-only']
"""Whether anything but sources may be connected to."""


class NetworkSettings(TypedDict):
    """Where connections may go beside sources."""

    mode: NetworkMode
    """Whether anything but sources may be connected to. Default `open`."""
    allow_hosts: list[str]
    """
    Hosts of model services that may be connected to, as globs over their names (`api.openai.com`, `*.example.com`). Default none, which
    lets all.
    """


OnOverload: TypeAlias = Literal['wait', 'queue', 'refuse']
"""What happens to a question that cannot be answered at once."""


PersonalTier: TypeAlias = Literal['confirmed', 'high', 'medium', 'low']
"""How sure it is that a column holds personal data, surest first."""


class Position(TypedDict):
    """A place in the statement's text; line and column count from 1, columns in characters."""

    line: int
    """Line, from 1."""
    column: int
    """Column, from 1."""


Preset: TypeAlias = Literal['local', 'embedded']
"""The set of defaults everything else is laid over."""


class PrivacySettings(TypedDict):
    """What of the data may be shown, and to whom."""

    show_pii: bool
    """
    Whether results show columns that hold personal data. Default true in `local`, false in `embedded`. Prompts, logs and
    audit never hold them.
    """
    min_group_size: int
    """
    Rows that a group of an aggregate over a table with personal data must have to be shown where personal data is not.
    Default 1, which shows every group.
    """
    disclosure: Disclosure
    """What a model may see of the source's data. Default `none`."""


class PutOptions(TypedDict):
    """How a value is put."""

    expected: int | None
    """The version that the key must have; 0 for none. Without it, whatever is there is replaced."""
    ttl_ms: int | None
    """How long it is kept, from now; without it, until it is deleted. In JSON `ttl_ms`, milliseconds."""


class QualityPoint(TypedDict):
    """The quality of a table at one time."""

    at: str
    """When."""
    score: int
    """0–100."""
    failed: int
    """Checks that failed."""


class QueryOrder(TypedDict):
    """One key of the order."""

    by: str
    """Name of a dimension or measure, hidden or not."""
    descending: bool
    """Largest first; NULLs come last either way."""


class QuestionName(TypedDict):
    """What a question is known by."""

    id: str | float
    """Id of the row."""
    db: str
    """Name of the database."""
    question: str
    """The question."""


class QuestionOutcome(TypedDict):
    """What came of a question in one of two runs."""

    status: str
    """Status of the answer, or `error:<kind>`."""
    sql: str | None
    """Statement of the answer."""


class QuestionResult(TypedDict):
    """
    The result of one question. In JSON: `{id, db, question, status, sql, correct, confidence, ms}`, with `turn` in conversations,
    `error` and `mismatch` where there was one, and `soft`, `recall`, `tokens`, `cost_usd` and `tags` where they are known. References, and
    whether there are any, are in no JSON: they belong to the suite.
    """

    id: str | float
    """Id of the row."""
    db: str
    """Name of the database."""
    question: str
    """The question."""
    turn: NotRequired[int | None]
    """Which turn of its conversation it is, from 1."""
    status: str
    """Status of the answer, or `error:<kind>`."""
    sql: str | None
    """Statement of the answer, with its parameters."""
    correct: bool
    """Right by execution match; for a question that cannot be answered: not answered."""
    confidence: float | None
    """How sure the answer was, 0–1."""
    ms: float
    """How long the answer took."""
    error: NotRequired[str | None]
    """What went wrong, without values."""
    soft: NotRequired[float | None]
    """How much of the answer is right, 0–1: `Judgement::soft`."""
    mismatch: NotRequired[Mismatch | None]
    """In what the answer differs from the reference it is most like."""
    recall: NotRequired[float | None]
    """Share of the tables that the question needs among the first ten that were found for it, 0–1."""
    tokens: NotRequired[int | None]
    """Tokens that models read and wrote."""
    cost_usd: NotRequired[float | None]
    """What models cost, in US dollars."""
    tags: NotRequired[list[str]]
    """What the question is about, in the suite's words."""
    gold_refused: NotRequired[bool]
    """No reference gave a result, because the guard refused it."""
    gold_failed: NotRequired[bool]
    """No reference gave a result, for another reason."""


RelationshipOrigin: TypeAlias = Literal['declared', 'inferred', 'host']
"""Where a relationship comes from."""


class ResolvedWindow(TypedDict):
    """A window with its dates."""

    start: str | None
    """First day, included; `None` is open."""
    end: str | None
    """Day after the last; `None` is open."""
    incomplete: bool
    """Whether the window reaches past the moment of asking, so that its figures may still change."""
    label: str
    """For people: `2024-04-01 to 2024-06-30`."""


class RiskPoint(TypedDict):
    """A point of the risk–coverage curve: what would be shown if answers below a confidence were held back."""

    confidence: float
    """Least confidence shown."""
    coverage: float
    """Share of all questions that would be answered."""
    risk: float
    """Share of those answers that is wrong."""


RoleKind: TypeAlias = Literal['entity', 'transaction', 'event_stream', 'state_tracking', 'reference', 'bridge', 'none']
"""What a table's rows are."""


class SessionInfo(TypedDict):
    """A session in a list."""

    id: str
    """Its id."""
    title: str
    """Its title."""
    pinned: bool
    """Whether it is pinned."""
    turns: int
    """Questions asked in it."""
    created_at: str
    """When the first question was asked."""
    changed_at: str
    """When the last one was."""


SetOperator: TypeAlias = Literal['union', 'intersect', 'except']
"""How results are combined."""


SettingsLevel: TypeAlias = Literal['preset', 'process', 'source', 'tenant', 'call']
"""Where a setting comes from; later ones win."""


Severity: TypeAlias = Literal['error', 'warning', 'info']
"""How bad it is when a check fails, worst first."""


SourceState: TypeAlias = Literal['connected', 'unknown', 'syncing', 'error', 'action_required']
"""How a source does."""


class SourcesSettings(TypedDict):
    """What the sources of a process may take together."""

    max_open: int
    """Sources that Leo opened and that are open at a time; beyond, the one that nobody has used for longest is closed. Default 200."""
    max_connections: int
    """Connections to servers at a time, of all sources that Leo opened; beyond, idle ones of other sources are closed. Default 500."""
    idle_ms: int
    """Milliseconds after which a source that Leo opened and nobody uses is closed, until it is used again. Default 300,000."""


Stage: TypeAlias = Literal['authorise', 'retrieve', 'plan', 'compile', 'vet', 'record', 'price', 'run', 'review', 'chart', 'narrate']
"""A stage on the way from question to answer, in order."""


class StageTiming(TypedDict):
    """How long one stage took."""

    stage: Stage
    """The stage."""
    us: int
    """Microseconds."""


class StorageContractCheck(TypedDict):
    """One check."""

    name: str
    """What was checked, such as `expected_versions`."""
    outcome: CheckOutcome
    """What came of it."""


class StorageContractReport(TypedDict):
    """What came of the checks."""

    checks: list[StorageContractCheck]
    """In the order they were made."""


class SyncSettings(TypedDict):
    """How what is known of sources is kept up to date."""

    max_at_once: int
    """Sources of a tenant that are synced at a time; others wait. Default 2."""
    interval_minutes: int | None
    """Minutes from the end of one sync to when the next is due, for hosts that call `run_due`; null for none. Default null."""
    describe_tokens: int
    """Tokens that the host's model may read and write in one sync to say what tables and columns hold; 0 for none. Default 0: a model costs."""


SyncStage: TypeAlias = Literal['queue', 'introspect', 'profile', 'relate', 'check', 'describe']
"""Where a sync is."""


SyncState: TypeAlias = Literal['pending', 'running', 'waiting_for_model', 'completed', 'failed']
"""Where the sync of a source is."""


class TableColumn(TypedDict):
    name: str
    type: str
    """`integer`, `decimal`, `text`, `date` and so on."""


class TableFreshness(TypedDict):
    """How new the newest row of a table is."""

    column: str
    """The column that tells."""
    latest: str
    """The day, or the point in time as the column has it."""
    hours: NotRequired[int | None]
    """Whole hours since; a day counts to its end. Negative for what lies ahead. None where the column's form tells no point in time."""
    within_hours: NotRequired[int | None]
    """Hours that were agreed on."""
    is_late: bool
    """Whether it is older than was agreed on."""


TableKind: TypeAlias = Literal['table', 'view', 'materialized_view']
"""What kind of relation a table is."""


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


class TableRole(TypedDict):
    """The part a table plays, and why that is thought."""

    kind: RoleKind
    """What its rows are."""
    confidence: float
    """0–1; 1 where a person said so."""
    reason: str
    """Why, in one sentence without values of rows."""
    confirmed: bool
    """Whether a person said so."""


class TableSummary(TypedDict):
    """A table at a glance."""

    name: TableName
    """Its name."""
    kind: TableKind
    """What it is to the database."""
    term: NotRequired[str | None]
    """What people call it, where that is not its name."""
    role: NotRequired[RoleKind | None]
    """What part it plays."""
    description: NotRequired[str | None]
    """What a row is, in a sentence."""
    columns: int
    """How many columns the user may see."""
    rows: NotRequired[int | None]
    """Rows, perhaps estimated."""
    freshness: NotRequired[TableFreshness | None]
    """How new its newest row is."""
    quality: NotRequired[int | None]
    """How good its rows are, 0 to 100."""
    failing: int
    """Checks of its rows that failed."""
    personal: int
    """Columns with personal data."""
    locked: bool
    """Whether the user sees its structure alone, because its rows are filtered or masked."""
    owner: NotRequired[str | None]
    """Who answers for it."""
    tags: NotRequired[list[str]]
    """Words to find it by."""
    favourite: bool
    """Whether it is shown among the first."""


TermOrigin: TypeAlias = Literal['host', 'comment', 'model', 'rule', 'schema']
"""Where a term comes from, best first."""


TextMatch: TypeAlias = Literal['equals', 'contains', 'starts_with', 'ends_with']
"""How text is matched."""


TicketReason: TypeAlias = Literal['overload', 'model_down']
"""What a question waits for."""


TimeEncoding: TypeAlias = Literal['native', 'iso_date', 'iso_timestamp', 'compact_date', 'year_month', 'year', 'unix_seconds', 'unix_millis']
"""How a point in time is stored in a column. Engines with date types need only `Native`."""


TimeUnit: TypeAlias = Literal['day', 'week', 'month', 'quarter', 'year', 'fiscal_quarter', 'fiscal_year']
"""A calendar unit."""


class TimeWindowAbsolute(TypedDict):
    start: str | None
    """First day."""
    end: str | None
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


class Timings(TypedDict):
    """How long an answer took, in microseconds."""

    total_us: int
    """From the call to the answer."""
    database_us: int
    """Within that, waiting for the database."""
    stages: list[StageTiming]
    """Each stage that was reached, in order."""


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


class Usage(TypedDict):
    """What an answer took."""

    statements: int
    """Statements run."""
    rows: int
    """Rows read from the database."""
    tokens: int
    """Tokens that models read and wrote."""
    model_calls: int
    """Requests to models, each try counted."""
    input_tokens: int
    """Tokens that models read."""
    cached_tokens: int
    """Of those, tokens that a service remembered."""
    output_tokens: int
    """Tokens that models wrote."""
    cost_usd: float | None
    """What models cost in US dollars; null where no price is known, or none was asked."""


class ValueBytes(TypedDict):
    """Bytes as hexadecimal digits."""

    bytes: str


Value: TypeAlias = bool | float | str | ValueBytes | None
"""A scalar value. An exact decimal is text with all its digits; dates and times are text in ISO form."""


Verdict: TypeAlias = Literal['allow', 'rewrite', 'needs_approval', 'block']
"""The guard's decision about a statement."""


class VerifiedQuery(TypedDict):
    """A question and the statement that answers it."""

    question: str
    """As somebody asked it."""
    sql: str
    """In the dialect of the source. It passes the guard each time it is used."""
    note: NotRequired[str | None]
    """What to keep in mind about it."""


WarningCode: TypeAlias = Literal['empty', 'null_heavy', 'wrong_shape', 'fan_out', 'truncated', 'incomplete_period', 'no_estimate', 'model_no_help', 'stale', 'earlier_reply', 'conversation_not_read', 'conversation_not_kept']
"""What a warning is about."""


class AccessRequest(TypedDict):
    """A request to the `Authorizer`."""

    action: Action
    """The action."""
    source: str
    """The source's id; `*` where there is no source yet and the action is about none in particular."""


class AggregateCountRows(TypedDict):
    """Number of rows of a table."""

    count_rows: TableName


class AnswerWarning(TypedDict):
    """Something the reader should know about a result. Holds counts and names, never a value of the result."""

    code: WarningCode
    """What it is."""
    message: str
    """For people."""
    suggestion: NotRequired[str | None]
    """What to do about it."""


class ApprovalRequest(TypedDict):
    """A statement that waits for approval."""

    reasons: list[str]
    """Why, for people."""
    estimate: NotRequired[Estimate | None]
    """What it would cost, where the engine says."""


class AskEventStarted(TypedDict):
    """A stage began."""

    event: Literal['started']
    stage: Stage
    """Which."""


class AskEventFinished(TypedDict):
    """A stage ended, whether well or not."""

    event: Literal['finished']
    stage: Stage
    """Which."""
    us: int
    """How long it took, in microseconds."""


class AskEventModelAsked(TypedDict):
    """A model is asked, or an earlier answer of it is looked for."""

    event: Literal['model_asked']
    purpose: ModelPurpose
    """What for."""


class AskEventModelAnswered(TypedDict):
    """A model answered, or failed."""

    event: Literal['model_answered']
    purpose: ModelPurpose
    """What for."""
    ok: bool
    """Whether it answered."""
    us: int
    """How long it took, in microseconds."""


AskEvent: TypeAlias = AskEventQueued | AskEventStarted | AskEventFinished | AskEventModelAsked | AskEventModelAnswered
"""Something that happened on the way from question to answer."""


class AskSettings(TypedDict):
    """Limits of a question and its answer."""

    max_question_chars: int
    """Characters of a question. Default 2,000."""
    preview_rows: int
    """Rows of a preview. Default 200."""
    max_rows: int
    """Rows of an answer where the call names no number. Default 5,000."""
    row_ceiling: int | None
    """Rows a call may ask for at most. Default none in `local`, 5,000 in `embedded`."""
    max_bytes: int
    """Bytes of a result in memory. Default 256 MiB."""
    timeout_ms: int
    """Time for a statement, in milliseconds. Default 8,000."""
    confidence_floor: float
    """Confidence below which the planner asks or declines instead of answering, from 0 to 1. Default 0.5."""
    max_at_once: int | None
    """Questions of a tenant that are answered at a time; null for no limit. Default none in `local`, 64 in `embedded`."""
    on_overload: OnOverload
    """What happens to a question when as many are being answered already. Default `wait`."""


Attribute: TypeAlias = Value | list[Value]
"""A context attribute: a scalar or a list of scalars."""


class AuditEvent(TypedDict):
    """One thing that happened, as plain data. Optional fields are left out of the JSON when absent."""

    id: str
    """UUIDv7 of this event."""
    at: str
    """When it happened."""
    action: str
    """
    `question`, `statement`, `statement_outcome`, `security_gate_decision`, `tool_invocation`, `sync`, `settings_changed`, or a
    host's own.
    """
    attempt: NotRequired[str | None]
    """For an outcome: the id of the attempt it closes."""
    tenant: str
    """The tenant."""
    user: str
    """The user."""
    preset: NotRequired[str | None]
    """`local` or `embedded`."""
    source: NotRequired[str | None]
    """The source's id."""
    target: NotRequired[str | None]
    """What was acted on, for instance a table or a file."""
    purpose: NotRequired[str | None]
    """Why Leo ran a statement: `ask`, `sql`, `probe`, `profile`, `eval` …"""
    question: NotRequired[str | None]
    """The question as asked, masked where it holds PII."""
    sql: NotRequired[str | None]
    """The text as sent to the database; e-mail addresses and long numbers in its literals are masked."""
    sql_hash: NotRequired[str | None]
    """SHA-256 of the unmasked text and its parameters; the parameters' values themselves are not recorded."""
    verdict: NotRequired[Verdict | None]
    """The guard's verdict."""
    rules: NotRequired[list[str]]
    """Ids of the rules that found something."""
    status: NotRequired[str | None]
    """Status of the answer, or `ok`, `failed`, `cancelled`, `refused`, `needs_approval`, `over_budget`."""
    error: NotRequired[str | None]
    """Error kind when it failed."""
    rows: NotRequired[int | None]
    """Rows returned."""
    truncated: NotRequired[bool | None]
    """Whether there were more rows than were returned."""
    duration_ms: NotRequired[int | None]
    """How long it took."""
    catalog_hash: NotRequired[str | None]
    """Fingerprint of the catalogue in force."""
    policy_hash: NotRequired[str | None]
    """Hash of the policy in force with its variables bound."""
    settings_hash: NotRequired[str | None]
    """Hash of the settings in force."""
    result_hash: NotRequired[str | None]
    """Hash of the result."""
    prompt_hash: NotRequired[str | None]
    """Hash of everything a model was sent."""
    disclosure: NotRequired[str | None]
    """What of the source's data a model may see: `none`, `categories` or `rows`."""
    model: NotRequired[str | None]
    """Which model answered."""
    input_tokens: NotRequired[int | None]
    """Tokens that models read, of all attempts."""
    output_tokens: NotRequired[int | None]
    """Tokens that models wrote, of all attempts."""
    cost_micro_usd: NotRequired[int | None]
    """What that cost, in millionths of a US dollar."""
    session: NotRequired[str | None]
    """Conversation."""
    trace_id: NotRequired[str | None]
    """W3C trace id."""
    address: NotRequired[str | None]
    """Address of the caller."""
    agent: NotRequired[str | None]
    """Program of the caller."""
    leo_version: NotRequired[str | None]
    """Version of Leo."""


class AuditSettings(TypedDict):
    """How the audit is kept."""

    durability: Durability
    """What an audit file promises. Default `os`."""
    memory_records: int
    """Records the sink in memory keeps. Default 10,000."""


class ChangedTable(TypedDict):
    """A table whose structure changed."""

    table: TableName
    """The table."""
    added: NotRequired[list[str]]
    """Columns that are new."""
    removed: NotRequired[list[str]]
    """Columns that are gone."""
    changed: NotRequired[list[str]]
    """Columns with another type, nullability, default or comment."""
    other: bool
    """Whether keys, indexes, the comment or a view's query are others."""


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
    descending: bool
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
    title: str
    """Title."""
    alt_text: str
    """What the chart shows, for people who do not see it. Holds no value of the result."""
    reason: str
    """Why this chart, in a few words."""


class ColumnStatistics(TypedDict):
    """Statistics of a column. Values are as restricted as the rows they come from: they reach neither prompts, logs nor audit."""

    null_share: float
    """Share of NULLs, 0–1."""
    distinct: int
    """
    Distinct non-NULL values; exact up to 16,384 and for columns without repeated values, else estimated (adaptive sampling,
    standard error about 1 %).
    """
    is_unique: bool
    """Whether no non-NULL value occurs twice in the rows seen and there is more than one row."""
    min: NotRequired[Value | None]
    """Smallest value."""
    max: NotRequired[Value | None]
    """Largest value."""
    mean: NotRequired[float | None]
    """Mean, for numbers."""
    quantiles: NotRequired[list[float] | None]
    """
    5 %, 25 %, 50 %, 75 %, 95 % quantiles, for numbers; exact up to 10,000 values, else of a random sample of as many: their ranks are off by
    at most half a percent of the rows (one standard error).
    """
    length: NotRequired[list[float] | None]
    """Shortest, mean and longest length in characters, for text."""
    top: NotRequired[list[tuple[Value, TopItem]]]
    """
    Most frequent values with their counts, most frequent first: all of them when there are at most 1,000 distinct ones, else 50
    with counts that may be too low (Misra–Gries, by at most a two-thousandth of the rows); none for a column without repeated values.
    """
    patterns: NotRequired[list[tuple[str, float]]]
    """Shapes of text values with their share, most frequent first: letters become `a`, digits `9`, runs collapse."""


class ComparisonBaseWindow(TypedDict):
    """A window of its own."""

    window: TimeWindow


ComparisonBase: TypeAlias = Literal['previous_period'] | Literal['previous_year'] | ComparisonBaseWindow
"""The other period."""


class Description(TypedDict):
    """What a table or column holds, in a sentence."""

    text: str
    """The sentence."""
    origin: DescriptionOrigin
    """Where it comes from."""


class Drift(TypedDict):
    """How a structure differs from the one before; names alone, in their order."""

    added: NotRequired[list[TableName]]
    """Tables that are new."""
    removed: NotRequired[list[TableName]]
    """Tables that are gone."""
    changed: NotRequired[list[ChangedTable]]
    """Tables that are other ones now."""


class EvaluationReport(TypedDict):
    """The figures of a run; shares are 0–1."""

    questions: int
    """Number of questions."""
    answered: int
    """Number of answers."""
    coverage: float
    """Answers by questions."""
    execution_match: float
    """Right by questions. A question that cannot be answered is right when it is not."""
    execution_match_answered: float
    """Right answers by answers; 0 when there is none."""
    latency_ms: EvaluationLatency
    """Latency of all questions."""
    by_status: dict[str, int]
    """Number of questions of each status."""
    gold_refused: int
    """Questions whose every reference was refused; they count as wrong."""
    gold_failed: int
    """Questions whose every reference failed for another reason; they count as wrong."""
    strict: EvaluationStrict
    """Stricter variants."""
    per_turn: NotRequired[dict[str, EvaluationShare]]
    """By turn of the conversation."""
    per_dialogue: NotRequired[EvaluationShare | None]
    """Conversations; right when every turn is."""
    ambiguous_recognised: NotRequired[float | None]
    """Share of the ambiguous questions that were answered with a question."""
    unanswerable_recognised: NotRequired[float | None]
    """Share of the questions that cannot be answered that were not answered."""
    risk_coverage: NotRequired[list[RiskPoint]]
    """The risk–coverage curve, from the surest answers down."""
    soft_score: float
    """
    Mean soft score of all questions: how much of the answers is right, beside how many are. What was not answered has 0, what cannot
    be answered 1 when it was not.
    """
    aurc: NotRequired[float | None]
    """
    The area under the risk–coverage curve: the mean, over the answers from the surest down, of the share of wrong ones up to there. 0 is best; as much
    as the share of wrong answers is what a confidence that says nothing reaches. Answers of equal confidence count as if in random order.
    Nothing when an answer has no confidence. Y. Geifman, G. Uziel and R. El-Yaniv, "Bias-Reduced Uncertainty Estimation for Deep
    Neural Classifiers", ICLR 2019.
    """
    at_error_rate: NotRequired[RiskPoint | None]
    """What would be shown if at most 0.10 of it were to be wrong: `operating_point`."""
    retrieval: NotRequired[EvaluationRetrieval | None]
    """How often the tables that questions need were found."""
    tokens: NotRequired[EvaluationSpent | None]
    """Tokens that models read and wrote."""
    cost_usd: NotRequired[EvaluationSpent | None]
    """What models cost, in US dollars."""
    per_tag: NotRequired[dict[str, EvaluationShare]]
    """Right answers by tag; a question with several counts for each."""


class ExplainedSetting(TypedDict):
    """One setting as `Resolved::explain` shows it."""

    path: str
    """Dotted path."""
    value: Any
    """Value in force."""
    set_by: SettingsLevel
    """The level that set it."""
    doc: str
    """What it means."""


FailedTable = TypedDict(
    'FailedTable',
    {
        'table': TableName,
        'class': FailureClass,
        'message': str,
        'at': str,
        'skipped': bool,
    },
)


class FigureFormatCalendar(TypedDict):
    """As a part of the calendar: 1 is Monday."""

    calendar: Grain


FigureFormat: TypeAlias = FigureFormatNumber | FigureFormatMagnitude | FigureFormatSigned | Literal['label'] | FigureFormatCalendar
"""How a figure is written."""


class Finding(TypedDict):
    """One thing a rule found."""

    rule: str
    """Stable rule id, for instance `unknown_table`."""
    verdict: Verdict
    """What this finding alone would lead to."""
    message: str
    """For the person who asked."""
    hint: str
    """For the model that is asked to repair the statement."""
    position: NotRequired[Position | None]
    """Where in the text, when known."""


class ForeignKey(TypedDict):
    """A declared foreign key."""

    columns: list[str]
    """Columns of this table."""
    references: TableName
    """The referenced table."""
    referenced_columns: list[str]
    """The referenced columns, in the same order."""


class GraphNode(TypedDict):
    """A table of the graph."""

    table: TableName
    """The table."""
    role: NotRequired[RoleKind | None]
    """What part it plays."""
    rows: NotRequired[int | None]
    """Rows, perhaps estimated."""
    locked: bool
    """Whether the user sees its structure alone."""


class HavingValueValue(TypedDict):
    """A constant."""

    value: Value


HavingValue: TypeAlias = HavingValueValue | Literal['average_of_groups']
"""The right side of a condition on a group."""


class Hit(TypedDict):
    """What a search found."""

    kind: HitKind
    """What it is."""
    table: NotRequired[TableName | None]
    """The table, for whatever is of one."""
    column: NotRequired[str | None]
    """The column, where one was found."""
    name: NotRequired[str | None]
    """What people call it, where it is theirs: the name of a metric, a word of the glossary, a verified question."""
    score: float
    """How well it fits, 0–1."""
    place: HitPlace
    """Where the best word was found."""


class HostContext(TypedDict):
    """The context as plain data, handed to adapters in any language."""

    tenant: str
    """The tenant."""
    user: str
    """The user."""
    roles: list[str]
    """The user's roles."""
    attributes: dict[str, Attribute]
    """The user's attributes."""
    time_zone: str
    """IANA name of the user's zone."""
    locale: str
    """BCP 47 tag."""
    now: str
    """The moment the question is asked."""
    session: str | None
    """Conversation."""
    client: ClientInfo
    """Where the call comes from."""
    trace_parent: str | None
    """W3C `traceparent`."""


JoinNote = TypedDict(
    'JoinNote',
    {
        'from': TableName,
        'to': TableName,
        'relationship': str,
        'kind': JoinKind,
    },
)


class LinkTargetTable(TypedDict):
    """A table."""

    table: TableName


class LinkTargetColumn(TypedDict):
    table: TableName
    """Its table."""
    column: str
    """Its name."""


class LinkTargetAsColumn(TypedDict):
    """A column."""

    column: LinkTargetColumn


class LinkTargetValue(TypedDict):
    table: TableName
    """The column's table."""
    column: str
    """The column."""
    value: str
    """The value in the data's own spelling."""


class LinkTargetAsValue(TypedDict):
    """A value of a column."""

    value: LinkTargetValue


LinkTarget: TypeAlias = LinkTargetTable | LinkTargetAsColumn | LinkTargetAsValue | LinkTargetMeasure | LinkTargetTime | LinkTargetOperation
"""What words mean."""


class MetricSummary(TypedDict):
    """A governed metric at a glance."""

    name: str
    """Its name."""
    synonyms: NotRequired[list[str]]
    """Other names."""
    table: TableName
    """The table whose rows it aggregates."""
    formula: NotRequired[str | None]
    """What it computes, as `leo.yaml` writes it; none where that has no words for it."""
    description: NotRequired[str | None]
    """What it is for."""


class ModelMessage(TypedDict):
    """One message of a conversation with a model."""

    role: ModelRole
    """Who says it."""
    text: str
    """What is said."""


class ModelRequest(TypedDict):
    """What a model is asked."""

    purpose: ModelPurpose
    """What it is for."""
    instructions: str
    """What the model is to do and how: the system prompt."""
    messages: list[ModelMessage]
    """The conversation so far, oldest first; the last message is the one to answer."""
    schema: Any
    """JSON schema of the answer."""
    tools: NotRequired[list[ModelTool]]
    """The same as functions to choose from, for services that call functions; empty where there is one form alone."""
    max_output_tokens: int
    """Tokens that the answer needs at most."""
    timeout_ms: int
    """Milliseconds it may take, all attempts and waiting included."""


class PersonalData(TypedDict):
    """Personal data in a column."""

    kind: str
    """What it is, in lower case: `email`, `phone`, `name`, `iban`, `birth_date` …"""
    tier: PersonalTier
    """How sure that is."""
    reason: NotRequired[str | None]
    """Why, in a sentence without values; none where the host says so."""


class PersonalFinding(TypedDict):
    """A column that may hold personal data and waits for somebody to say so."""

    table: TableName
    """The table."""
    column: str
    """The column."""
    kind: str
    """What it seems to be, as in `PersonalData::kind`."""
    tier: PersonalTier
    """How sure that is."""
    reason: NotRequired[str | None]
    """Why, in a sentence without values."""


class QualityCheck(TypedDict):
    """One check of a table."""

    id: str
    """Stable name within the table: `completeness(email)`, `references(customer_id)`, `validity.future(order_date)`."""
    kind: CheckKind
    """What it looks at."""
    severity: Severity
    """How bad it is when it fails."""
    passed: bool
    """Whether all is well."""
    message: str
    """What was found, in a sentence without values of rows."""
    columns: NotRequired[list[str]]
    """Columns it looks at."""
    offending: int
    """Rows that offend."""
    examined: int
    """Rows that were looked at."""
    sql: NotRequired[str | None]
    """The statement that counts the offending rows, where a check that failed has one."""


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


class QuestionChange(TypedDict):
    """A question whose verdict changed."""

    id: str | float
    """Id of the row."""
    db: str
    """Name of the database."""
    question: str
    """The question."""
    before: QuestionOutcome
    """What came of it before."""
    after: QuestionOutcome
    """What came of it now."""


class Refusal(TypedDict):
    """Why there is no answer."""

    message: str
    """For people, with what to do next."""
    missing: list[str]
    """Words of the question that nothing in the data is called."""
    suggestions: list[str]
    """Questions or names that would work."""
    findings: list[Finding]
    """The guard's findings."""


class Relationship(TypedDict):
    """A child's columns pointing at a parent's key."""

    child: TableName
    """The table that points."""
    child_columns: list[str]
    """Its columns."""
    parent: TableName
    """The table pointed at."""
    parent_columns: list[str]
    """Its key columns, in the same order."""
    cardinality: Cardinality
    """Many-to-one or one-to-one."""
    origin: RelationshipOrigin
    """Declared, inferred or added by the host."""
    confidence: float
    """0–1; 1 for declared keys."""


class RowSample(TypedDict):
    """Some rows of a table."""

    columns: list[str]
    """Names of the columns."""
    rows: list[list[Value]]
    """Values by row, in the order of the columns."""


class RunComparison(TypedDict):
    """What changed between two runs."""

    questions: int
    """Questions that both runs asked."""
    before: float
    """Share of them that was right before, 0–1."""
    after: float
    """Share of them that is right now, 0–1."""
    fixed: list[QuestionChange]
    """Wrong before, right now."""
    broken: list[QuestionChange]
    """Right before, wrong now."""
    missing: int
    """Questions of the first run only."""
    added: int
    """Questions of the second run only."""
    before_interval: ConfidenceInterval
    """Where the share before lies with a confidence of 95 %, by Wilson."""
    after_interval: ConfidenceInterval
    """Where the share now lies with a confidence of 95 %, by Wilson."""
    significance: McNemar
    """Whether the difference may be chance."""
    missing_questions: NotRequired[list[QuestionName]]
    """Which questions the first run alone has."""
    added_questions: NotRequired[list[QuestionName]]
    """Which questions the second run alone has."""


class ScalarField(TypedDict):
    """A column."""

    field: QueryField


class ScalarLiteral(TypedDict):
    """A constant; bound as a parameter. Numbers within arithmetic are part of the formula and written out."""

    literal: Value


class Settings(TypedDict):
    """Everything that can be set, as plain data. `Settings::resolve` makes it from layers."""

    preset: Preset
    """The preset underneath; named in every audit record."""
    time_zone: str
    """IANA name of the zone in which relative windows are computed where the context sets none."""
    ask: AskSettings
    """Limits of a question and its answer."""
    guard: GuardLimits
    """Limits of a statement's text and work."""
    cache: CacheSettings
    """How long results are of use."""
    calendar: CalendarSettings
    """How years and weeks are counted."""
    audit: AuditSettings
    """How the audit is kept."""
    privacy: PrivacySettings
    """What of the data may be shown, and to whom."""
    sources: SourcesSettings
    """What the sources of a process may take together."""
    sync: SyncSettings
    """How what is known of sources is kept up to date."""
    model: ModelSettings
    """How a model is asked, where the host brings one."""
    index: IndexSettings
    """How tables and columns are found by words."""
    network: NetworkSettings
    """Where connections may go beside sources."""


class SourceColumn(TypedDict):
    """A column of a table of the catalogue."""

    table: TableName
    """Table, in the catalogue's spelling."""
    column: str
    """Column, in the catalogue's spelling."""


class SourceInfo(TypedDict):
    """A source in a list."""

    id: str
    """Its id."""
    engine: str | None
    """`postgres`, `sqlite` …; unknown for a source of the resolver that is not open."""
    is_own: bool
    """Whether it belongs to the user's tenant alone; otherwise it is there for all tenants."""
    state: SourceState
    """How it does."""


class SqlRequest(TypedDict):
    """A statement for a `HostConnector`: vetted for this source, within the rights of whoever asks, and on record."""

    sql: str
    """The text in the source's dialect. It is run as it is, as one statement, on a connection that only reads."""
    params: list[Value]
    """Values of its placeholders, in order. They are bound, never written into the text."""
    row_cap: int
    """Rows that are read at most: one more than is shown, where that tells whether there were more."""
    timeout_ms: int
    """Milliseconds for the statement, its rows included."""


class Starter(TypedDict):
    """A table to begin with."""

    table: TableName
    """Its name."""
    score: float
    """0–1, against the best one."""
    reason: str
    """Why, in one sentence without values of rows."""


class SyncStatus(TypedDict):
    """How the last sync of a source went, or how far the one under way is."""

    state: SyncState
    """Where it is."""
    stage: NotRequired[SyncStage | None]
    """What it does, while it is under way."""
    done: int
    """Tables done in this stage."""
    total: int
    """Tables of this stage."""
    position: NotRequired[int | None]
    """While it waits for its turn: how many begin before it, and it."""
    eta_ms: NotRequired[int | None]
    """Milliseconds that the rest of the stage will take, by what was done of it."""
    began: NotRequired[str | None]
    """When it began."""
    ended: NotRequired[str | None]
    """When it ended."""
    error: NotRequired[str | None]
    """Why it ended early: what the error said."""
    failed: list[FailedTable]
    """Tables without statistics, by name."""
    drift: NotRequired[Drift | None]
    """How the structure changed since the sync before; none where nothing is known of that."""
    sampled: NotRequired[list[TableName]]
    """Tables of which only the first rows are read, because somebody decided so."""
    mistakes: NotRequired[list[Mistake]]
    """What people said of the source that was of no effect when the sync ended: tables and columns that are not there."""


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


class Table(TypedDict):
    """A result: its columns, and its rows in order."""

    columns: list[TableColumn]
    """In the order of the cells of a row."""
    rows: list[list[Value]]
    """In the order of the result."""


class TableFindings(TypedDict):
    """What was found out about the rows of a table."""

    table: TableName
    """The table."""
    score: int
    """0 to 100."""
    freshness: NotRequired[TableFreshness | None]
    """How new its newest row is."""
    failing: list[QualityCheck]
    """What failed, errors first, each with the statement that counts the rows."""
    passed: int
    """How many checks passed."""
    history: NotRequired[list[QualityPoint]]
    """Earlier scores, oldest first."""


class TableQuality(TypedDict):
    """How good the rows of a table are, as computed from them: for a user who may see only some of them there is none."""

    score: int
    """0–100, of the checks below."""
    checks: list[QualityCheck]
    """What was checked, failed ones first, worst first."""
    history: NotRequired[list[QualityPoint]]
    """Scores of earlier syncs, oldest first, this one last."""


class TableStatistics(TypedDict):
    """Statistics of a table."""

    rows: int
    """Rows seen."""
    sampled: float
    """Share of the table that was read, 0–1."""
    time_column: NotRequired[str | None]
    """The column that says when a row happened, when one could be chosen."""
    latest: NotRequired[Value | None]
    """The latest value of that column."""


class Term(TypedDict):
    """What people call a table or column: `cust_nm` is the `customer name`."""

    text: str
    """Words in lower case."""
    origin: TermOrigin
    """Where it comes from."""
    confidence: float
    """0–1."""


class Ticket(TypedDict):
    """A question that is answered later: `Leo::tickets`."""

    id: str
    """UUIDv7."""
    question: str
    """What was asked."""
    source: str
    """Id of the source."""
    session_id: NotRequired[str | None]
    """The conversation that it belongs to."""
    reason: TicketReason
    """What it waits for."""
    position: int
    """Its place among what waits for the tenant, from 1."""
    eta_ms: NotRequired[int | None]
    """About when it is its turn, in milliseconds from now; nothing where nobody knows."""
    created_at: str
    """When it was asked."""
    deadline: str
    """Until when the answer is of use."""


class CatalogColumn(TypedDict):
    """A column."""

    name: str
    """The name in the engine's own spelling."""
    declared_type: str
    """The type as the engine declares it; may be empty in SQLite."""
    data_type: LogicalType
    """What the type means to Leo."""
    nullable: bool
    """Whether NULL is allowed."""
    default: NotRequired[str | None]
    """Default expression."""
    comment: NotRequired[str | None]
    """Comment in the database."""
    time_encoding: NotRequired[TimeEncoding | None]
    """How a point in time is stored, for columns that hold one."""
    statistics: NotRequired[ColumnStatistics | None]
    """From profiling."""
    personal: NotRequired[PersonalData | None]
    """What it tells about people, when it does."""
    term: NotRequired[Term | None]
    """What people call it, where the name does not say it by itself."""
    description: NotRequired[Description | None]
    """What it holds, in a sentence."""


class CatalogTable(TypedDict):
    """A table or view."""

    name: TableName
    """Its name."""
    kind: TableKind
    """Table, view or materialised view."""
    columns: list[CatalogColumn]
    """Columns in the engine's order."""
    primary_key: list[str]
    """Columns of the primary key, in key order; empty when there is none."""
    unique_keys: list[list[str]]
    """Other unique keys."""
    foreign_keys: list[ForeignKey]
    """Declared foreign keys."""
    indexes: list[list[str]]
    """Columns of each index."""
    comment: NotRequired[str | None]
    """Comment in the database."""
    definition: NotRequired[str | None]
    """A view's definition."""
    rows_of: NotRequired[list[TableName]]
    """
    Tables whose rows this relation holds or shows under another name: what a materialised view, a partition or child table, a
    synonym, a history or change table or a full-text index is made of. A view's are read from its definition.
    """
    rows: NotRequired[int | None]
    """Row count: exact when profiled, else the engine's estimate."""
    bytes: NotRequired[int | None]
    """Size in bytes, where the engine tells it."""
    data_version: NotRequired[str | None]
    """
    Changes whenever rows of the table do, in the engine's own terms; none where the engine does not tell. What was found out about a
    table holds as long as this stays as it is.
    """
    statistics: NotRequired[TableStatistics | None]
    """From profiling."""
    role: NotRequired[TableRole | None]
    """What part it plays: things, happenings, lists …"""
    term: NotRequired[Term | None]
    """What people call it, where the name does not say it by itself."""
    description: NotRequired[Description | None]
    """What it holds, in a sentence."""
    quality: NotRequired[TableQuality | None]
    """How good its rows are."""


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


class DataMap(TypedDict):
    """A source at a glance, as far as a user may see it: `Leo::map`."""

    source: str
    """Id of the source."""
    dialect: Dialect
    """The language of its statements."""
    version: str
    """Changes with the structure that the user may see."""
    learned: str
    """When the source was looked at last."""
    is_stale: bool
    """Whether that is more than 72 hours ago."""
    quality: NotRequired[int | None]
    """0 to 100: the mean of the tables' scores, where any was checked."""
    tables: list[TableSummary]
    """Favourites first, then by name."""
    starters: list[Starter]
    """Tables to begin with, best first."""
    relationships: int
    """How many ways there are to join tables."""
    metrics: list[MetricSummary]
    """Governed metrics whose columns the user may see."""
    glossary: list[GlossaryTerm]
    """What words of the business mean."""
    questions: list[str]
    """Questions that can be asked, each of which the built-in planner understands."""


class ErrorInfo(TypedDict):
    """An error: a kind for the program, a message for a person, context for the log."""

    kind: ErrorKind
    message: str
    """For people, with what to do next."""
    context: dict[str, str]
    """Facts such as `table` or `source`."""
    findings: list[Finding]
    """What the guard found."""
    retry_after_ms: NotRequired[int]
    """Milliseconds to wait before another attempt, where that is known."""


class Evaluation(TypedDict):
    """
    A finished run.

    As JSON it can be kept, to be compared with later and shown as a page. References are not in it: they belong to the suite.
    """

    report: EvaluationReport
    """The figures."""
    questions: list[QuestionResult]
    """One result for each question, in the suite's order."""
    comparison: NotRequired[RunComparison | None]
    """What changed since an earlier run, where there is one to compare with."""
    missed: NotRequired[list[str] | None]
    """The bounds that are not held, a sentence each; nothing where none were given."""


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


class Link(TypedDict):
    """Words of the question and what they were taken for."""

    words: str
    """The words as written."""
    span: ByteRange
    """Bytes of the question they occupy."""
    target: LinkTarget
    """What they mean."""
    evidence: Evidence
    """Why."""
    score: float
    """Strength of the evidence, 0–1."""


class MapGraph(TypedDict):
    """The join graph of a source, as far as a user may see it: `Leo::map_graph`."""

    nodes: list[GraphNode]
    """Tables, by name."""
    edges: list[Relationship]
    """Ways to join two of them, each from the table that points to the table pointed at."""


class OutputColumn(TypedDict):
    """A column of the result and where it comes from."""

    name: str
    """Name the engine returns."""
    sources: list[SourceColumn]
    """Columns it derives from, through every level."""
    redacted: NotRequired[str | None]
    """The kind of personal data that is kept from the user here: text comes back as `[REDACTED:kind]`, anything else as NULL."""


class QualityOverview(TypedDict):
    """How good the rows of a source are, as far as a user may see it: `Leo::map_quality`."""

    score: NotRequired[int | None]
    """0 to 100: the mean of the tables' scores, where any was checked."""
    tables: list[TableFindings]
    """Tables that were checked or have an age, worst first."""
    unchecked: list[TableName]
    """Tables of which nothing was checked: locked, never read, or without anything to check."""


class SourceHealth(TypedDict):
    """How a source's connections are."""

    breaker: BreakerState
    """Whether the server is left alone after failures."""
    connections: int
    """Open connections."""
    idle: int
    """Open connections that no statement uses."""
    last_error: NotRequired[ErrorInfo | None]
    """The last failure to connect since the last success."""


class SourceStatus(TypedDict):
    """How a source does, and why."""

    state: SourceState
    """In one word."""
    since: str
    """Since when."""
    error: NotRequired[ErrorInfo | None]
    """What went wrong, with what to do about it."""
    is_open: bool
    """Whether it is open now. Sources are opened when they are used, and closed again when nobody does."""
    health: SourceHealth
    """Its connections."""


class SyncProgress(TypedDict):
    """One step of a sync."""

    stage: SyncStage
    """The stage."""
    done: int
    """Tables done in this stage."""
    total: int
    """Tables of this stage."""
    table: TableName | None
    """The table that was just done."""
    problem: ErrorInfo | None
    """Why that table has no statistics."""
    position: int | None
    """In the stage `queue`: how many syncs begin before this one, and this one; none while another process holds the places."""
    eta_ms: int | None
    """What is left of the stage by what was done of it, counted in rows as far as the database tells them; in milliseconds where it is written."""


class Synonym(TypedDict):
    """Another word for a table or a column."""

    words: str
    """The word or words people use."""
    target: SynonymTarget
    """What they mean."""


class TableDetail(TypedDict):
    """A table in detail, as far as a user may see it: `Leo::map_table`."""

    summary: TableSummary
    """The table at a glance."""
    table: CatalogTable
    """Its columns with their statistics, keys and checks. Of columns with personal data there are no values."""
    note: NotRequired[str | None]
    """What people added."""
    relationships: list[Relationship]
    """How it is joined with others."""
    questions: list[str]
    """Questions that can be asked about it, each of which the built-in planner understands."""
    sample: NotRequired[RowSample | None]
    """Some of its rows, as a statement of the user's would show them."""
    ddl: str
    """The statements that would make it."""


class Vetting(TypedDict):
    """
    The guard's answer.

    In JSON: `verdict`, `findings`, `rewritten`, `tables`, `columns`, `functions`, `lineage`, `micros`.
    """

    verdict: Verdict
    """The worst that any finding asks for; without findings, `Allow`."""
    findings: list[Finding]
    """What the rules found, in order of the text as far as known."""
    rewritten: str | None
    """The text to be sent, where it is not the request's own: with an `Allow` only spelled out and capped."""
    tables: list[TableName]
    """Tables and views it reads. Complete unless the verdict is `Block`."""
    columns: list[SourceColumn]
    """Columns it reads; SQLite's row id is the column `rowid`. Complete unless the verdict is `Block`."""
    functions: list[str]
    """Functions it calls, lower case, those behind operators included (`like`, `glob`, `->`). Complete unless the verdict is `Block`."""
    lineage: list[OutputColumn]
    """The columns of its result with their sources, in order. Complete unless the verdict is `Block`."""
    micros: int
    """How long vetting took."""


class Catalog(TypedDict):
    """Everything known about a source's structure."""

    dialect: Dialect
    """Dialect of the source."""
    default_schema: NotRequired[str | None]
    """The schema a bare name means; names of this schema may be written bare."""
    tables: list[CatalogTable]
    """Tables and views, ordered by name."""
    relationships: list[Relationship]
    """Declared and inferred relationships."""


class DueSync(TypedDict):
    """A source whose sync was due."""

    source: str
    """The source."""
    due: str | None
    """When the sync was due; none where the source was never synced."""
    status: NotRequired[SyncStatus | None]
    """How it went; none where it could not begin."""
    error: NotRequired[ErrorInfo | None]
    """Why it failed, with what to do about it."""


class Explain(TypedDict):
    """How an answer came about."""

    reading: str
    """The question as understood, in one sentence."""
    links: list[Link]
    """Which words were taken for what."""
    assumptions: list[str]
    """What was decided without being said."""
    windows: list[ResolvedWindow]
    """Time windows with their dates; the first is the one asked about, a second the one compared with."""
    now: str
    """The moment relative windows count from, in the user's zone."""
    as_of: bool
    """Whether that moment was set (an as-of date) and is not the clock's."""
    time_zone: str
    """The user's zone."""
    joins: list[JoinNote]
    """Joins taken."""
    tables: list[str]
    """Tables read."""
    lineage: list[OutputColumn]
    """Columns of the result and the columns they derive from."""
    findings: list[Finding]
    """What the guard noted or changed."""
    alternatives: list[str]
    """Other readings, best first."""
    decisions: list[str]
    """What was decided about models, in order: who was asked and why, what came of it, which answer was taken."""


LeoOutput: TypeAlias = Union[
    AccessRequest,
    "Answer",
    AnswerStatus,
    AskEvent,
    AuditEvent,
    Catalog,
    ConnectionReport,
    DataMap,
    DueSync,
    ErrorInfo,
    ErrorKind,
    Evaluation,
    ExplainedSetting,
    Finding,
    Hit,
    HostContext,
    "KnowledgeVersion",
    MapGraph,
    Mistake,
    ModelRequest,
    ModelSpending,
    ModelStatistics,
    OutputColumn,
    PersonalFinding,
    PutOptions,
    QualityOverview,
    RunComparison,
    "Session",
    SessionInfo,
    Settings,
    SourceInfo,
    SourceStatus,
    SqlRequest,
    Stage,
    StorageContractReport,
    SyncProgress,
    SyncStatus,
    Table,
    TableDetail,
    Ticket,
    Vetting,
]
"""What Leo gives."""


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


class Answer(TypedDict):
    """
    What came of a question or a statement.

    `status` says which fields are filled: `table`, `narrative` and `chart` for an answer, `clarification` for a
    question back, `approval` for a statement that waits, `refusal` for everything else. Its JSON holds the rows as
    `table: {columns: [{name, type}], rows: [[…]]}`.

    `Debug` shows neither question nor rows nor SQL.
    """

    id: str
    """UUIDv7 of this answer."""
    session_id: NotRequired[str | None]
    """The conversation, when the call or the context has one."""
    question: str
    """The question as asked; the statement for direct SQL."""
    source: str
    """Id of the source."""
    status: AnswerStatus
    """What came of it."""
    narrative: Narrative
    """Prose that leads with the answer; every figure is bound to cells."""
    callouts: list[Callout]
    """What stands out."""
    table: NotRequired[Table | None]
    """The rows; `None` when nothing ran."""
    row_count: int
    """Number of rows returned."""
    truncated: bool
    """Whether there were more."""
    chart: NotRequired[ChartSpec | None]
    """How to draw it; `None` when nothing ran."""
    sql: NotRequired[str | None]
    """The statement as sent to the database, values apart."""
    params: list[Value]
    """Values of its placeholders."""
    sql_with_values: NotRequired[str | None]
    """The statement with its values written in, to be read and copied; it is never what runs."""
    explain: Explain
    """How the question was read and what was assumed."""
    conversation: NotRequired[Continuation | None]
    """How it continues the question before it in its session; `None` for a new one."""
    clarification: NotRequired[ClarificationRequest | None]
    """The question back."""
    approval: NotRequired[ApprovalRequest | None]
    """What has to be approved."""
    refusal: NotRequired[Refusal | None]
    """Why there is no answer, with what to do next."""
    ticket: NotRequired[Ticket | None]
    """By what it is answered later, where it could not be answered at once."""
    follow_ups: list[str]
    """Questions to ask next."""
    confidence: NotRequired[float | None]
    """How sure the planner is that this is what was asked, 0–1; `None` for direct SQL and for a model's."""
    provenance: Provenance
    """What the answer was made from."""
    freshness: list[Freshness]
    """How recent the data is, for each table read that says when its rows happened."""
    from_cache: bool
    """Whether the rows were read for an earlier question, or for one that another call asked at the same time."""
    ran_at: NotRequired[str | None]
    """When the rows were read from the database; `None` when nothing ran."""
    warnings: list[AnswerWarning]
    """What the reader should know."""
    usage: Usage
    """What it took."""
    timings: Timings
    """How long each stage took."""
    audit_id: NotRequired[str | None]
    """Id of the audit event of this question."""
    trace_id: NotRequired[str | None]
    """The caller's `traceparent`, when the context has one."""


class Callout(TypedDict):
    """Something that stands out."""

    kind: CalloutKind
    """What kind of thing."""
    text: str
    """The sentence."""
    figures: list[Figure]
    """The figures in it, in order."""
    claims: NotRequired[list[Claim]]
    """What it says without a figure: "leads", "rose"."""


class ClaimDirection(TypedDict):
    left: FigureSource
    """Before."""
    right: FigureSource
    """After."""
    sign: int
    """The sign of `right − left`."""


class ClaimAsDirection(TypedDict):
    """`right` is greater than, less than or equal to `left`."""

    direction: ClaimDirection


Claim: TypeAlias = ClaimRows | ClaimAsExtreme | ClaimAsTie | ClaimAsLeading | ClaimAsLargestGroup | ClaimAsDirection | ClaimAsLargestStep | ClaimAsOutlier | ClaimAsMissing | ClaimAsTruth
"""Something a sentence says without a figure; true or not in a given table."""


class ClarificationRequest(TypedDict):
    """A question back to the user. An option is chosen by asking its query (`Leo::ask_query`)."""

    question: str
    """What is unclear, as a question."""
    options: list[ClarifyOption]
    """Answers to choose from, best first."""


class ClarifyOption(TypedDict):
    """One answer to a clarification."""

    label: str
    """What the user reads."""
    query: SemanticQuery | None
    """What is computed if it is chosen; null where the label is a question of its own, to be asked."""


class Continuation(TypedDict):
    """How an answer continues the one before it."""

    question: str
    """The question that it continues."""
    kept: list[KeptFilter]
    """Conditions that were kept from before."""


class Dimension(TypedDict):
    """A grouping or listed column."""

    name: str
    """Name in the output; unique in the query."""
    value: Scalar
    """What is grouped by."""
    grain: NotRequired[Grain | None]
    """For points in time: truncated to this."""
    hidden: bool
    """Grouped by and there to order by, but not returned: the key behind two customers of one name, the age behind "youngest"."""


class Figure(TypedDict):
    """A number or label in a sentence, and where it comes from."""

    start: int
    """First byte in the sentence's text (UTF-8)."""
    end: int
    """Byte after the last."""
    value: Value
    """The value before it was formatted."""
    format: FigureFormat
    """How it is written."""
    source: FigureSource
    """What it is computed from."""


FigureSourceDifference = TypedDict(
    'FigureSourceDifference',
    {
        'from': "FigureSource",
        'to': "FigureSource",
    },
)


class FigureSourceAsDifference(TypedDict):
    """`to − from`."""

    difference: FigureSourceDifference


class FigureSourceRatio(TypedDict):
    part: FigureSource
    """Above the line."""
    whole: FigureSource
    """Below the line."""


class FigureSourceAsRatio(TypedDict):
    """`part ÷ whole`."""

    ratio: FigureSourceRatio


FigureSourceChange = TypedDict(
    'FigureSourceChange',
    {
        'from': "FigureSource",
        'to': "FigureSource",
    },
)


class FigureSourceAsChange(TypedDict):
    """`(to − from) ÷ |from|`."""

    change: FigureSourceChange


FigureSource: TypeAlias = FigureSourceAsCell | FigureSourceAsAggregate | FigureSourceAsRowCount | FigureSourceAsDistinct | FigureSourceAsDifference | FigureSourceAsRatio | FigureSourceAsChange | FigureSourceAsMissingPeriods | FigureSourceGiven
"""What a figure is computed from."""


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
    at_least: int
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


class KeptFilter(TypedDict):
    """A condition that was kept from before, to be shown and taken away."""

    index: int
    """Its place among the query's `filters`."""
    label: str
    """What the user reads."""
    without: SemanticQuery
    """The query without it, for `Leo::ask_query` in the same session."""


class Knowledge(TypedDict):
    """Business knowledge about a source. Empty by default; entries that name tables or columns the source does not have are of no effect."""

    metrics: list[MetricDefinition]
    """Governed metrics; they win over measures derived from column names."""
    synonyms: list[Synonym]
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


class KnowledgeVersion(TypedDict):
    """What is known about a source, as one version of it."""

    version: int
    """Counts changes; 0 for what the host handed to the builder."""
    changed_at: NotRequired[str | None]
    """When it was changed."""
    changed_by: NotRequired[str | None]
    """Who changed it."""
    knowledge: Knowledge
    """What was said, without what the host handed to the builder."""


class Measure(TypedDict):
    """An aggregate with a name."""

    name: str
    """Name in the output; unique in the query."""
    aggregate: Aggregate
    """What is computed."""
    filter: NotRequired[Filter | None]
    """Only rows that meet this count for this measure."""
    transform: Transform
    """What is done to the aggregated values."""
    hidden: bool
    """Computed for `having` or `order` but not returned."""


class MetricDefinition(TypedDict):
    """A metric with a fixed definition."""

    name: str
    """Its name as people write it: `net revenue`."""
    synonyms: list[str]
    """Other names."""
    measure: Measure
    """What it computes."""
    table: TableName
    """The table whose rows it aggregates."""
    description: str | None
    """Shown in explanations."""


class Narrative(TypedDict):
    """The prose of an answer."""

    text: str
    """The sentences as one text."""
    sentences: list[Sentence]
    """In reading order."""


class Provenance(TypedDict):
    """What an answer was made from: hashes and versions that tell whether it would come out the same."""

    leo_version: str
    """Version of Leo."""
    planner: str
    """`builtin`, `verified` for the statement of a verified question, `model` for one that a model wrote, `host` for what was passed in."""
    model: NotRequired[str | None]
    """Which model wrote the statement, in its host's words."""
    prompt_version: NotRequired[str | None]
    """Version of the prompt's words, where a model was asked."""
    prompt_hash: NotRequired[str | None]
    """Hash of everything the model was sent first."""
    narrative: NotRequired[NarrativeProvenance | None]
    """Which model wrote the narrative; `None` for one that was made by rules."""
    preset: Preset
    """The preset in force."""
    query: NotRequired[SemanticQuery | None]
    """The semantic query, unless the statement was passed in, verified or written by a model."""
    catalog_hash: str
    """Version of the catalogue."""
    policy_hash: NotRequired[str | None]
    """Hash of the policy in force."""
    settings_hash: str
    """Hash of the settings in force."""
    sql_hash: NotRequired[str | None]
    """Hash of statement and values."""
    result_hash: NotRequired[str | None]
    """Hash of the rows."""
    statement_audit_id: NotRequired[str | None]
    """Id of the audit event that announced the statement."""


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
        'dimensions': list[Dimension],
        'measures': list[Measure],
        'filter': NotRequired[Filter | None],
        'having': list[Having],
        'order': list[QueryOrder],
        'limit': NotRequired[int | None],
        'top_per': NotRequired[TopPer | None],
        'compare': NotRequired[Comparison | None],
        'distinct': bool,
        'set': NotRequired[tuple[SetOperator, "SemanticQuery"] | None],
    },
)


class Sentence(TypedDict):
    """A sentence whose figures are bound."""

    text: str
    """The sentence."""
    figures: list[Figure]
    """The figures in it, in order."""
    claims: NotRequired[list[Claim]]
    """What it says without a figure: "leads", "rose"."""


class Session(TypedDict):
    """A conversation as it is kept."""

    id: str
    """Its id, unique for the user."""
    title: str
    """The first question in short, unless it was given another one."""
    pinned: bool
    """Whether it is listed before all that are not."""
    created_at: str
    """When the first question was asked."""
    changed_at: str
    """When the last one was."""
    turns: list[Turn]
    """Its turns, oldest first; the last 200."""
    dropped: int
    """Turns that are not kept any more."""


class Turn(TypedDict):
    """One question of a conversation and what came of it. No row is in it; values are those that the user wrote."""

    question: str
    """The question as asked."""
    reading: str
    """How it was understood, together with what came before."""
    query: NotRequired[SemanticQuery | None]
    """Its query, where it had one; only for the last ten turns."""
    sql: NotRequired[str | None]
    """The statement, values apart; only for the last ten turns."""
    status: AnswerStatus
    """What came of it."""
    source: str
    """Id of the source it was about."""
    catalog: str
    """Version of the catalogue that the user saw."""
    at: str
    """When it was answered."""
