"""Leo for sync code. Each method is one call of the core."""

# What a call gives is said by its signature here; the core gives plain data.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

from . import _calls as calls
from ._base import Base
from ._core import Answer, Events, Handle
from ._options import checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    import builtins
    import os
    from collections.abc import Callable, Mapping, Sequence
    from types import TracebackType
    from typing import Any, Literal

    from typing_extensions import Self

    from ._calls import Day, Place, Query, Suite
    from ._source import Source
    from .types import ProgressEvent, SyncEvent, output
    from .types.input import Gates, Knowledge, OnFailure, PersonalDecision, SettingsLayer


class Leo(Base):
    """Ask your data: the handle to sources, questions and their answers.

    Safe to share between threads. A handle used after `fork` connects anew.

    >>> leo = askleo.open("sales.db")
    >>> leo.ask("monthly sales in 2024")
    """

    @property
    def sources(self) -> Sources:
        """The sources: add, list, change, test and remove them."""
        return Sources(self._handle)

    @property
    def sessions(self) -> Sessions:
        """The user's own conversations: list, look at, rename, pin, delete and export them."""
        return Sessions(self._handle)

    @property
    def tickets(self) -> Tickets:
        """The user's own questions that are answered later: list, look at, redeem and cancel them."""
        return Tickets(self._handle)

    @checked
    def ask(
        self,
        question: str,
        *,
        source: str | None = None,
        as_of: Day | None = None,
        max_rows: int | None = None,
        timeout_ms: int | None = None,
        session: str | None = None,
        settings: SettingsLayer | None = None,
    ) -> Answer:
        """Answers a question.

        Anything about the question comes back as a `status`: a question back, a refusal with its reason, a statement that needs
        approval. An error is raised only when the call could not be served.
        """
        return self._handle.call("ask", calls.ask_arguments(question, source, as_of, max_rows, timeout_ms, session, settings))

    @checked
    def ask_query(
        self,
        query: Query,
        *,
        source: str | None = None,
        as_of: Day | None = None,
        max_rows: int | None = None,
        timeout_ms: int | None = None,
        session: str | None = None,
        settings: SettingsLayer | None = None,
    ) -> Answer:
        """Answers a semantic query: the option of a clarification, a saved query."""
        return self._handle.call("ask_query", calls.query_arguments(query, source, as_of, max_rows, timeout_ms, session, settings))

    @checked
    def sql(
        self,
        text: str,
        params: Sequence[Any] = (),
        *,
        source: str | None = None,
        max_rows: int | None = None,
        timeout_ms: int | None = None,
        settings: SettingsLayer | None = None,
    ) -> Answer:
        """Runs a statement through the same guard and gate as any other; raises RejectedError where it may not run."""
        return self._handle.call("sql", calls.sql_arguments(text, params, source, max_rows, timeout_ms, settings))

    @checked
    def vet(
        self,
        text: str,
        params: Sequence[Any] = (),
        *,
        source: str | None = None,
        max_rows: int | None = None,
        timeout_ms: int | None = None,
        settings: SettingsLayer | None = None,
    ) -> output.Vetting:
        """Vets a statement without running it: `verdict`, `findings`, `rewritten`, what it reads."""
        return self._handle.call("vet", calls.sql_arguments(text, params, source, max_rows, timeout_ms, settings))

    @checked
    def lineage(
        self,
        text: str,
        params: Sequence[Any] = (),
        *,
        source: str | None = None,
        max_rows: int | None = None,
        timeout_ms: int | None = None,
        settings: SettingsLayer | None = None,
    ) -> list[output.OutputColumn]:
        """The source columns that each output column of a statement derives from."""
        return self._handle.call("lineage", calls.sql_arguments(text, params, source, max_rows, timeout_ms, settings))

    @checked
    def catalog(self, source: str | None = None) -> output.Catalog:
        """What is known about a source, as far as the user may see it. Learns it first where nothing is known yet."""
        return self._handle.call("catalog", {"source": source})

    @checked
    def search(self, words: str, *, source: str | None = None, limit: int = 20) -> list[output.Hit]:
        """Tables, columns and what people added that fit `words`, best first."""
        return self._handle.call("search", {"words": words, "source": source, "limit": limit})

    @checked
    def map(self, source: str | None = None) -> output.DataMap:
        """What a source holds at a glance: its tables, how new and how good their rows are, where to begin, what can be asked."""
        return self._handle.call("map", {"source": source})

    @checked
    def map_table(self, table: str, *, sample: int = 0, source: str | None = None) -> output.TableDetail:
        """A table in detail. With `sample`, some of its rows are read like those of any statement; personal data in them is replaced."""
        return self._handle.call("map_table", {"table": table, "sample": sample, "source": source})

    @checked
    def map_graph(self, *, around: str | None = None, joins: int = 1, source: str | None = None) -> output.MapGraph:
        """How tables are joined: all of them, or those around one."""
        return self._handle.call("map_graph", {"around": around, "joins": joins, "source": source})

    @checked
    def map_quality(self, source: str | None = None) -> output.QualityOverview:
        """How good the rows are, worst table first, with the statements that count what is wrong."""
        return self._handle.call("map_quality", {"source": source})

    @checked
    def export_map(
        self,
        form: Literal["html", "mermaid", "dot", "json", "ddl"],
        *,
        around: str | None = None,
        joins: int = 1,
        sample: int = 0,
        source: str | None = None,
    ) -> str:
        """The map as text: one page of HTML to be looked through in a browser, the join graph for other programs, or DDL."""
        return self._handle.call(
            "export_map", {"form": form, "around": around, "joins": joins, "sample": sample, "source": source}
        )

    @checked
    def sync(
        self,
        source: str | None = None,
        *,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        profile: bool = True,
        table_timeout_ms: int = 60_000,
        parallel: int = 2,
        only: Sequence[str] = (),
        progress: bool | Callable[[ProgressEvent], object] = False,
    ) -> output.Catalog:
        """Reads a source's structure, statistics and relationships anew.

        `only` names tables, `schema.table`: the rows of others are not read. `progress=True` shows a bar; a function is called with each
        event (`stage`, `done`, `total`, `table`, `problem`, `position`, `eta_ms`).
        """
        from ._progress import observer

        with observer(progress) as tell, self.sync_stream(
            source, include=include, exclude=exclude, profile=profile, table_timeout_ms=table_timeout_ms, parallel=parallel, only=only
        ) as events:
            for event in events:
                if event["event"] == "catalog":
                    return event["catalog"]
                tell(event)
        raise AssertionError("a sync ends with a catalog or an error")

    @checked
    def sync_stream(
        self,
        source: str | None = None,
        *,
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        profile: bool = True,
        table_timeout_ms: int = 60_000,
        parallel: int = 2,
        only: Sequence[str] = (),
    ) -> Events[SyncEvent]:
        """`sync`, telling how far it is; the last event holds the catalog."""
        return self._handle.events("sync_stream", calls.sync_arguments(source, include, exclude, profile, table_timeout_ms, parallel, only))

    @checked
    def sync_status(self, source: str | None = None) -> output.SyncStatus:
        """How far the sync of a source is, or how the last one went: with the tables that could not be read, and why."""
        return self._handle.call("sync_status", {"source": source})

    @checked
    def resolve_failed(
        self, action: OnFailure, *, tables: Sequence[str] = (), source: str | None = None
    ) -> output.SyncStatus:
        """Does something about tables that a sync could not read, all of them or those named: `retry`, `retry_with_sampling`
        (their first rows alone, in later syncs too) or `skip_and_continue` (later syncs do not try either)."""
        return self._handle.call("resolve_failed", {"action": action, "tables": list(tables), "source": source})

    def run_due(self) -> list[output.DueSync]:
        """Syncs the sources whose setting `sync.interval_minutes` says that it is time; call it from a timer."""
        return self._handle.call("run_due", {})

    @checked
    def knowledge(self, source: str | None = None) -> output.KnowledgeVersion:
        """What people said about a source: words, metrics, verified queries, and what they decided about tables."""
        return self._handle.call("knowledge", {"source": source})

    @checked
    def knowledge_at(self, version: int, *, source: str | None = None) -> output.KnowledgeVersion:
        """An earlier version of `knowledge`; the last 50 are kept."""
        return self._handle.call("knowledge_at", {"version": version, "source": source})

    @checked
    def set_knowledge(self, knowledge: Knowledge, *, expected: int | None = None, source: str | None = None) -> int:
        """Replaces what people said about a source and gives its version; with `expected`, only when that is the version there is."""
        return self._handle.call("set_knowledge", {"knowledge": knowledge, "expected": expected, "source": source})

    @checked
    def import_knowledge(self, yaml: str, *, expected: int | None = None, source: str | None = None) -> int:
        """`set_knowledge` from the text of a `leo.yaml`; mistakes are raised with their lines, and nothing is imported then."""
        return self._handle.call("import_knowledge", {"yaml": yaml, "expected": expected, "source": source})

    @checked
    def check_knowledge(self, yaml: str, *, source: str | None = None) -> list[output.Mistake]:
        """What in a `leo.yaml` is of no effect at a source: tables and columns that are not there, by lines."""
        return self._handle.call("check_knowledge", {"yaml": yaml, "source": source})

    @checked
    def export_knowledge(self, source: str | None = None) -> str:
        """Everything that is in force at a source, as the text of a `leo.yaml`."""
        return self._handle.call("export_knowledge", {"source": source})

    @checked
    def personal_review(self, source: str | None = None) -> list[output.PersonalFinding]:
        """Columns of which nobody is sure whether they hold personal data, those that are protected meanwhile first."""
        return self._handle.call("personal_review", {"source": source})

    @checked
    def decide_personal(self, decisions: Sequence[PersonalDecision], *, source: str | None = None) -> int:
        """Decides whether columns hold personal data; it outlives syncs, and gives the version of `knowledge` it is part of."""
        return self._handle.call("decide_personal", {"decisions": list(decisions), "source": source})

    @checked
    def evaluate(
        self,
        suite: Suite,
        *,
        source: str | None = None,
        as_of: Day | None = None,
        limit: int | None = None,
        workers: int = 2,
        one_by_one: bool = False,
        gates: Gates | None = None,
        baseline: output.Evaluation | None = None,
    ) -> output.Evaluation:
        """Asks the questions of a suite as the handle's user, and scores the answers.

        `suite` is text (YAML, JSON lines or a JSON list), a `pathlib.Path`, a list of rows (`question` with `gold`, `rows` or `value` …), or a
        dict with `questions`. What `gates` bounds and the run does not reach is told as `missed`; what changed since the evaluation
        `baseline` as `comparison`.

        >>> leo.evaluate([{"question": "How many orders?", "gold": "SELECT count(*) FROM orders"}])["report"]["execution_match"]
        """
        return self._handle.call("evaluate", calls.evaluate_arguments(suite, source, as_of, limit, workers, one_by_one, gates, baseline))

    @checked
    def compare_evaluations(self, before: output.Evaluation, after: output.Evaluation) -> output.RunComparison:
        """What changed between two evaluations, and whether it may be chance."""
        return self._handle.call("compare_evaluations", {"before": before, "after": after})

    @checked
    def evaluation_html(self, evaluation: output.Evaluation, *, title: str | None = None, suite: Suite | None = None) -> str:
        """An evaluation as one page of HTML that loads nothing. References are shown with the `suite`; an evaluation has none."""
        return self._handle.call("evaluation_html", {"evaluation": evaluation, "title": title, "suite": calls.suite_of(suite)})

    @checked
    def settings(self, source: str | None = None) -> list[output.ExplainedSetting]:
        """The settings in force for the user and a source, each with where it was set."""
        return self._handle.call("settings", {"source": source})

    @checked
    def set_tenant_settings(self, settings: SettingsLayer) -> None:
        """Replaces the settings of the user's tenant, from the next call on."""
        return self._handle.call("set_tenant_settings", {"settings": settings})

    @checked
    def set_execution(self, on: bool, *, source: str | None = None) -> None:
        """Turns execution on or off for a source."""
        return self._handle.call("set_execution", {"on": on, "source": source})

    def recent_audit(self) -> list[output.AuditEvent]:
        """The user's own tenant's records that the audit in memory still holds, oldest first."""
        return self._handle.call("recent_audit", {})

    def model_spending(self, first: Day, last: Day) -> list[output.ModelSpending]:
        """What the tenant's users spent on models from `first` to `last`, both included: by day of UTC, user and model."""
        return self._handle.call("model_spending", {"first": first, "last": last})

    def model_statistics(self) -> list[output.ModelStatistics]:
        """How each model did since the process began, in the order in which they are asked; for the host alone."""
        return self._handle.call("model_statistics", {})

    def audit_notice(self) -> str | None:
        """A sentence for the user, once, when the audit in memory had to drop records."""
        return self._handle.call("audit_notice", {})

    def close(self) -> None:
        """Closes every connection; later calls raise ClosedError."""
        return self._handle.call("close", {})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class Sessions:
    """What was asked before: the user's own conversations. `ask(…, session="…")` begins and continues one."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def list(self) -> builtins.list[output.SessionInfo]:
        """The user's own conversations, pinned ones first, then the newest."""
        return self._handle.call("sessions.list", {})

    def get(self, id: str) -> output.Session:
        """A conversation, with its turns."""
        return self._handle.call("sessions.get", {"id": id})

    def rename(self, id: str, title: str) -> output.SessionInfo:
        """Gives a conversation another title."""
        return self._handle.call("sessions.rename", {"id": id, "title": title})

    def pin(self, id: str, *, pinned: bool = True) -> output.SessionInfo:
        """Keeps a conversation at the top of the list, or no longer."""
        return self._handle.call("sessions.pin", {"id": id, "pinned": pinned})

    def delete(self, id: str) -> None:
        """Deletes a conversation and all its turns."""
        return self._handle.call("sessions.delete", {"id": id})

    def export(self, id: str, format: Literal["json", "markdown"]) -> str:
        """A conversation as text: "json" or "markdown"."""
        return self._handle.call("sessions.export", {"id": id, "format": format})


class Tickets:
    """Questions that are answered later: `ask.on_overload` says when. An answer that is `queued` has the `ticket`."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    def list(self) -> builtins.list[output.Ticket]:
        """The user's own tickets, the oldest first."""
        return self._handle.call("tickets.list", {})

    def get(self, id: str) -> output.Ticket:
        """A ticket as it stands now: its place, and about when its turn comes."""
        return self._handle.call("tickets.get", {"id": id})

    def redeem(self, id: str) -> Answer:
        """Asks the question; the answer is `queued` once more where it still has to wait."""
        return self._handle.call("tickets.redeem", {"id": id})

    def cancel(self, id: str) -> None:
        """Gives a ticket back: its question is not answered any more."""
        return self._handle.call("tickets.cancel", {"id": id})


class Sources:
    """The sources of a handle, as data: added, listed, changed, tested and removed while it runs."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    @checked
    def add(
        self,
        place: Place,
        *,
        id: str | None = None,
        execution: bool | None = None,
        settings: SettingsLayer | None = None,
        knowledge: Knowledge | None = None,
        personal_data: Mapping[str, str] | None = None,
        as_of: Day | None = None,
    ) -> None:
        """Adds a source for the user's tenant, without connecting to it: `test` does that."""
        return self._handle.call(
            "sources.add", calls.source_arguments(place, id, execution, settings, knowledge, personal_data, as_of)
        )

    def list(self) -> builtins.list[output.SourceInfo]:
        """The sources that the user may look at, in the order of registration."""
        return self._handle.call("sources.list", {})

    def status(self, id: str) -> output.SourceStatus:
        """How a source does, without asking it."""
        return self._handle.call("sources.status", {"id": id})

    def test(self, id: str) -> output.ConnectionReport:
        """Connects, looks around and says what it found."""
        return self._handle.call("sources.test", {"id": id})

    def update(self, id: str, place: Place) -> None:
        """Opens a source anew at another place or with another login, and uses it from then on."""
        return self._handle.call("sources.update", {"id": id, "place": calls.place_of(place)})

    @checked
    def disconnect(self, id: str, *, wait_ms: int = 0) -> int:
        """Disconnects a source; calls under way may end for `wait_ms` and are cancelled then. How many were."""
        return self._handle.call("sources.disconnect", {"id": id, "wait_ms": wait_ms})

    def remove(self, id: str) -> None:
        """Removes a source; its id is free again."""
        return self._handle.call("sources.remove", {"id": id})


@checked
def open(
    place: str | os.PathLike[str] | Source,
    *,
    id: str | None = None,
    execution: bool | None = None,
    settings: SettingsLayer | None = None,
    knowledge: Knowledge | None = None,
    personal_data: Mapping[str, str] | None = None,
    as_of: Day | None = None,
    audit: Any = None,
    storage: Any = None,
    keys: str | None = None,
    authorizer: Any = None,
    credentials: Any = None,
    model: Any = None,
    record_models: str | os.PathLike[str] | None = None,
    embedder: Any = None,
    clock: Any = None,
    adapter_timeout_ms: int | None = None,
) -> Leo:
    """Opens what a path or URL names: a SQLite file, CSV, JSON or Excel files or a folder of them, a database server,
    or a source of your own (`askleo.Source`, `askleo.DBAPI`).

    For one trusted person at their own data. The audit is kept in memory unless `audit` is the path of a file or a sink.
    With `storage`, the path of a file, and `keys`, the name of an environment variable with keys (`id:key,…`), what was learned of the source outlives
    the process: the next one reads only what changed. `model` is who is asked where the built-in planner has no answer: `"openai:gpt-5-mini"`,
    `"anthropic:claude-sonnet-4-5"`, `"chat:NAME@http://localhost:11434/v1"`, a dict of fields (`protocol`, `model`, `base_url`, `api_key` …), an object of your
    own, or a list of these, asked one after the other. What it answers is recorded in the folder `record_models`, to be played by `"replay:FOLDER"`.

    >>> askleo.open("sales.db").ask("monthly sales in 2024")
    >>> askleo.open("postgres://ada@db.example.com/shop", credentials=vault)
    """
    options, parts = calls.open_arguments(
        id, execution, settings, knowledge, personal_data, as_of, audit, storage, keys,
        authorizer, credentials, model, record_models, embedder, clock, adapter_timeout_ms,
    )
    if calls.is_source(place):
        return Leo._of(Handle.build(calls.built(place, options, parts), parts))
    return Leo._of(Handle.open(calls.path(place), options, parts))


@checked
def sample(
    *,
    id: str | None = None,
    execution: bool | None = None,
    settings: SettingsLayer | None = None,
    knowledge: Knowledge | None = None,
    personal_data: Mapping[str, str] | None = None,
    as_of: Day | None = None,
    audit: Any = None,
    storage: Any = None,
    keys: str | None = None,
    authorizer: Any = None,
    credentials: Any = None,
    model: Any = None,
    record_models: str | os.PathLike[str] | None = None,
    embedder: Any = None,
    clock: Any = None,
    adapter_timeout_ms: int | None = None,
) -> Leo:
    """Opens the sample company, a small database to try things on; made in the cache folder at the first call.

    Options and parts are those of `open`; `sample_path()` says where the file is.
    """
    options, parts = calls.open_arguments(
        id, execution, settings, knowledge, personal_data, as_of, audit, storage, keys,
        authorizer, credentials, model, record_models, embedder, clock, adapter_timeout_ms,
    )
    return Leo._of(Handle.sample(options, parts))
