"""Leo for async code. Each method is one call of the core, awaited."""

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


class AsyncLeo(Base):
    """Leo for async code: the same methods, awaited. Coroutines of the host's own run on the caller's loop.

    >>> async with await askleo.AsyncLeo.open("sales.db") as leo:
    ...     answer = await leo.ask("monthly sales in 2024")
    """

    @classmethod
    @checked
    async def open(
        cls,
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
    ) -> Self:
        """Opens what a path or URL names; see `askleo.open`."""
        options, parts = calls.open_arguments(
            id, execution, settings, knowledge, personal_data, as_of, audit, storage, keys,
            authorizer, credentials, model, record_models, embedder, clock, adapter_timeout_ms,
        )
        if calls.is_source(place):
            return cls._of(Handle.build(calls.built(place, options, parts), parts))
        return cls._of(await Handle.open_async(calls.path(place), options, parts))

    @classmethod
    @checked
    def sample(
        cls,
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
    ) -> Self:
        """The sample company; see `askleo.sample`."""
        options, parts = calls.open_arguments(
            id, execution, settings, knowledge, personal_data, as_of, audit, storage, keys,
            authorizer, credentials, model, record_models, embedder, clock, adapter_timeout_ms,
        )
        return cls._of(Handle.sample(options, parts))

    @property
    def sources(self) -> AsyncSources:
        """The sources: add, list, change, test and remove them."""
        return AsyncSources(self._handle)

    @property
    def sessions(self) -> AsyncSessions:
        """The user's own conversations: list, look at, rename, pin, delete and export them."""
        return AsyncSessions(self._handle)

    @property
    def tickets(self) -> AsyncTickets:
        """The user's own questions that are answered later: list, look at, redeem and cancel them."""
        return AsyncTickets(self._handle)

    @checked
    async def ask(
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
        return await self._handle.call_async("ask", calls.ask_arguments(question, source, as_of, max_rows, timeout_ms, session, settings))

    @checked
    async def ask_query(
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
        return await self._handle.call_async("ask_query", calls.query_arguments(query, source, as_of, max_rows, timeout_ms, session, settings))

    @checked
    async def sql(
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
        return await self._handle.call_async("sql", calls.sql_arguments(text, params, source, max_rows, timeout_ms, settings))

    @checked
    async def vet(
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
        return await self._handle.call_async("vet", calls.sql_arguments(text, params, source, max_rows, timeout_ms, settings))

    @checked
    async def lineage(
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
        return await self._handle.call_async("lineage", calls.sql_arguments(text, params, source, max_rows, timeout_ms, settings))

    @checked
    async def catalog(self, source: str | None = None) -> output.Catalog:
        """What is known about a source, as far as the user may see it. Learns it first where nothing is known yet."""
        return await self._handle.call_async("catalog", {"source": source})

    @checked
    async def search(self, words: str, *, source: str | None = None, limit: int = 20) -> list[output.Hit]:
        """Tables, columns and what people added that fit `words`, best first."""
        return await self._handle.call_async("search", {"words": words, "source": source, "limit": limit})

    @checked
    async def map(self, source: str | None = None) -> output.DataMap:
        """What a source holds at a glance: its tables, how new and how good their rows are, where to begin, what can be asked."""
        return await self._handle.call_async("map", {"source": source})

    @checked
    async def map_table(self, table: str, *, sample: int = 0, source: str | None = None) -> output.TableDetail:
        """A table in detail. With `sample`, some of its rows are read like those of any statement; personal data in them is replaced."""
        return await self._handle.call_async("map_table", {"table": table, "sample": sample, "source": source})

    @checked
    async def map_graph(self, *, around: str | None = None, joins: int = 1, source: str | None = None) -> output.MapGraph:
        """How tables are joined: all of them, or those around one."""
        return await self._handle.call_async("map_graph", {"around": around, "joins": joins, "source": source})

    @checked
    async def map_quality(self, source: str | None = None) -> output.QualityOverview:
        """How good the rows are, worst table first, with the statements that count what is wrong."""
        return await self._handle.call_async("map_quality", {"source": source})

    @checked
    async def export_map(
        self,
        form: Literal["html", "mermaid", "dot", "json", "ddl"],
        *,
        around: str | None = None,
        joins: int = 1,
        sample: int = 0,
        source: str | None = None,
    ) -> str:
        """The map as text: one page of HTML to be looked through in a browser, the join graph for other programs, or DDL."""
        return await self._handle.call_async(
            "export_map", {"form": form, "around": around, "joins": joins, "sample": sample, "source": source}
        )

    @checked
    async def sync(
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
            async for event in events:
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
    async def sync_status(self, source: str | None = None) -> output.SyncStatus:
        """How far the sync of a source is, or how the last one went: with the tables that could not be read, and why."""
        return await self._handle.call_async("sync_status", {"source": source})

    @checked
    async def resolve_failed(
        self, action: OnFailure, *, tables: Sequence[str] = (), source: str | None = None
    ) -> output.SyncStatus:
        """Does something about tables that a sync could not read, all of them or those named: `retry`, `retry_with_sampling`
        (their first rows alone, in later syncs too) or `skip_and_continue` (later syncs do not try either)."""
        return await self._handle.call_async("resolve_failed", {"action": action, "tables": list(tables), "source": source})

    async def run_due(self) -> list[output.DueSync]:
        """Syncs the sources whose setting `sync.interval_minutes` says that it is time; call it from a timer."""
        return await self._handle.call_async("run_due", {})

    @checked
    async def knowledge(self, source: str | None = None) -> output.KnowledgeVersion:
        """What people said about a source: words, metrics, verified queries, and what they decided about tables."""
        return await self._handle.call_async("knowledge", {"source": source})

    @checked
    async def knowledge_at(self, version: int, *, source: str | None = None) -> output.KnowledgeVersion:
        """An earlier version of `knowledge`; the last 50 are kept."""
        return await self._handle.call_async("knowledge_at", {"version": version, "source": source})

    @checked
    async def set_knowledge(self, knowledge: Knowledge, *, expected: int | None = None, source: str | None = None) -> int:
        """Replaces what people said about a source and gives its version; with `expected`, only when that is the version there is."""
        return await self._handle.call_async("set_knowledge", {"knowledge": knowledge, "expected": expected, "source": source})

    @checked
    async def import_knowledge(self, yaml: str, *, expected: int | None = None, source: str | None = None) -> int:
        """`set_knowledge` from the text of a `leo.yaml`; mistakes are raised with their lines, and nothing is imported then."""
        return await self._handle.call_async("import_knowledge", {"yaml": yaml, "expected": expected, "source": source})

    @checked
    async def check_knowledge(self, yaml: str, *, source: str | None = None) -> list[output.Mistake]:
        """What in a `leo.yaml` is of no effect at a source: tables and columns that are not there, by lines."""
        return await self._handle.call_async("check_knowledge", {"yaml": yaml, "source": source})

    @checked
    async def export_knowledge(self, source: str | None = None) -> str:
        """Everything that is in force at a source, as the text of a `leo.yaml`."""
        return await self._handle.call_async("export_knowledge", {"source": source})

    @checked
    async def personal_review(self, source: str | None = None) -> list[output.PersonalFinding]:
        """Columns of which nobody is sure whether they hold personal data, those that are protected meanwhile first."""
        return await self._handle.call_async("personal_review", {"source": source})

    @checked
    async def decide_personal(self, decisions: Sequence[PersonalDecision], *, source: str | None = None) -> int:
        """Decides whether columns hold personal data; it outlives syncs, and gives the version of `knowledge` it is part of."""
        return await self._handle.call_async("decide_personal", {"decisions": list(decisions), "source": source})

    @checked
    async def evaluate(
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
        return await self._handle.call_async("evaluate", calls.evaluate_arguments(suite, source, as_of, limit, workers, one_by_one, gates, baseline))

    @checked
    async def compare_evaluations(self, before: output.Evaluation, after: output.Evaluation) -> output.RunComparison:
        """What changed between two evaluations, and whether it may be chance."""
        return await self._handle.call_async("compare_evaluations", {"before": before, "after": after})

    @checked
    async def evaluation_html(self, evaluation: output.Evaluation, *, title: str | None = None, suite: Suite | None = None) -> str:
        """An evaluation as one page of HTML that loads nothing. References are shown with the `suite`; an evaluation has none."""
        return await self._handle.call_async("evaluation_html", {"evaluation": evaluation, "title": title, "suite": calls.suite_of(suite)})

    @checked
    async def settings(self, source: str | None = None) -> list[output.ExplainedSetting]:
        """The settings in force for the user and a source, each with where it was set."""
        return await self._handle.call_async("settings", {"source": source})

    @checked
    async def set_tenant_settings(self, settings: SettingsLayer) -> None:
        """Replaces the settings of the user's tenant, from the next call on."""
        return await self._handle.call_async("set_tenant_settings", {"settings": settings})

    @checked
    async def set_execution(self, on: bool, *, source: str | None = None) -> None:
        """Turns execution on or off for a source."""
        return await self._handle.call_async("set_execution", {"on": on, "source": source})

    async def recent_audit(self) -> list[output.AuditEvent]:
        """The user's own tenant's records that the audit in memory still holds, oldest first."""
        return await self._handle.call_async("recent_audit", {})

    async def model_spending(self, first: Day, last: Day) -> list[output.ModelSpending]:
        """What the tenant's users spent on models from `first` to `last`, both included: by day of UTC, user and model."""
        return await self._handle.call_async("model_spending", {"first": first, "last": last})

    async def model_statistics(self) -> list[output.ModelStatistics]:
        """How each model did since the process began, in the order in which they are asked; for the host alone."""
        return await self._handle.call_async("model_statistics", {})

    async def audit_notice(self) -> str | None:
        """A sentence for the user, once, when the audit in memory had to drop records."""
        return await self._handle.call_async("audit_notice", {})

    async def close(self) -> None:
        """Closes every connection; later calls raise ClosedError."""
        return await self._handle.call_async("close", {})

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


class AsyncSessions:
    """`Sessions` for async code."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    async def list(self) -> builtins.list[output.SessionInfo]:
        """The user's own conversations, pinned ones first, then the newest."""
        return await self._handle.call_async("sessions.list", {})

    async def get(self, id: str) -> output.Session:
        """A conversation, with its turns."""
        return await self._handle.call_async("sessions.get", {"id": id})

    async def rename(self, id: str, title: str) -> output.SessionInfo:
        """Gives a conversation another title."""
        return await self._handle.call_async("sessions.rename", {"id": id, "title": title})

    async def pin(self, id: str, *, pinned: bool = True) -> output.SessionInfo:
        """Keeps a conversation at the top of the list, or no longer."""
        return await self._handle.call_async("sessions.pin", {"id": id, "pinned": pinned})

    async def delete(self, id: str) -> None:
        """Deletes a conversation and all its turns."""
        return await self._handle.call_async("sessions.delete", {"id": id})

    async def export(self, id: str, format: Literal["json", "markdown"]) -> str:
        """A conversation as text: "json" or "markdown"."""
        return await self._handle.call_async("sessions.export", {"id": id, "format": format})


class AsyncTickets:
    """`Tickets` for async code."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    async def list(self) -> builtins.list[output.Ticket]:
        """The user's own tickets, the oldest first."""
        return await self._handle.call_async("tickets.list", {})

    async def get(self, id: str) -> output.Ticket:
        """A ticket as it stands now: its place, and about when its turn comes."""
        return await self._handle.call_async("tickets.get", {"id": id})

    async def redeem(self, id: str) -> Answer:
        """Asks the question; the answer is `queued` once more where it still has to wait."""
        return await self._handle.call_async("tickets.redeem", {"id": id})

    async def cancel(self, id: str) -> None:
        """Gives a ticket back: its question is not answered any more."""
        return await self._handle.call_async("tickets.cancel", {"id": id})


class AsyncSources:
    """`Sources` for async code."""

    def __init__(self, handle: Handle) -> None:
        self._handle = handle

    @checked
    async def add(
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
        return await self._handle.call_async(
            "sources.add", calls.source_arguments(place, id, execution, settings, knowledge, personal_data, as_of)
        )

    async def list(self) -> builtins.list[output.SourceInfo]:
        """The sources that the user may look at, in the order of registration."""
        return await self._handle.call_async("sources.list", {})

    async def status(self, id: str) -> output.SourceStatus:
        """How a source does, without asking it."""
        return await self._handle.call_async("sources.status", {"id": id})

    async def test(self, id: str) -> output.ConnectionReport:
        """Connects, looks around and says what it found."""
        return await self._handle.call_async("sources.test", {"id": id})

    async def update(self, id: str, place: Place) -> None:
        """Opens a source anew at another place or with another login, and uses it from then on."""
        return await self._handle.call_async("sources.update", {"id": id, "place": calls.place_of(place)})

    @checked
    async def disconnect(self, id: str, *, wait_ms: int = 0) -> int:
        """Disconnects a source; calls under way may end for `wait_ms` and are cancelled then. How many were."""
        return await self._handle.call_async("sources.disconnect", {"id": id, "wait_ms": wait_ms})

    async def remove(self, id: str) -> None:
        """Removes a source; its id is free again."""
        return await self._handle.call_async("sources.remove", {"id": id})
