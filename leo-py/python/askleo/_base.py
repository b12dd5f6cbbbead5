"""What both handles have in common."""

from __future__ import annotations

from . import _calls as calls
from ._core import Batches, Events, Handle
from ._options import checked

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    import os
    from collections.abc import Mapping, Sequence
    from typing import Any

    from typing_extensions import Self

    from ._calls import Day, Place
    from ._source import Source
    from .types import AskEvent
    from .types.input import Attribute, SettingsLayer


class Base:
    """What both handles have in common."""

    _handle: Handle

    @classmethod
    def _of(cls, handle: Handle) -> Self:
        leo = cls.__new__(cls)
        leo._handle = handle
        return leo

    @checked
    def __init__(
        self,
        *,
        preset: str | None = None,
        sources: Sequence[Place | Source] = (),
        settings: SettingsLayer | None = None,
        execution: bool | None = None,
        identity: Mapping[str, Any] | None = None,
        audit: Any = None,
        authorizer: Any = None,
        resolver: Any = None,
        credentials: Any = None,
        storage: Any = None,
        keys: str | None = None,
        clock: Any = None,
        model: Any = None,
        record_models: str | os.PathLike[str] | None = None,
        embedder: Any = None,
        adapter_timeout_ms: int | None = None,
    ) -> None:
        """Builds a handle from parts.

        The preset is "embedded" (tenants and untrusted users; needs an `authorizer` and an `audit`, and a user for each call:
        `for_user`) unless it is "local" (one trusted person). `sources` are paths, URLs, dicts of options (`place`, `id`, `execution`,
        `settings`, `knowledge`, `personal_data`, `as_of`), or sources of your own (`askleo.Source`); a server is connected to when it is
        used first.

        Parts are objects with the methods below, or plain functions where there is but one; coroutines too:
        `authorizer.authorize(ctx, request)`, `audit.append(events)` and `audit.flush()` (or the path of a file),
        `resolver.resolve(ctx, source)`, `credentials.credential(ctx, source)`, `model.complete(ctx, request)`, `embedder.embed(ctx, texts)`,
        `clock.now()`, and a `storage` with `get`, `put`, `delete` and `list_page` (or the path of a file). `keys` names an environment
        variable with keys (`id:key,…`) that seal what the storage keeps of rows. `model` and `record_models` are those of `askleo.open`.
        """
        parts: dict[str, Any] = {
            "authorizer": authorizer,
            "resolver": resolver,
            "credentials": credentials,
            "clock": clock,
            "embedder": embedder,
        }
        options = {
            "preset": preset,
            "sources": [calls.entry(source, parts) for source in sources],
            "settings": settings,
            "execution": execution,
            "identity": identity,
            "keys": keys,
            "adapter_timeout_ms": adapter_timeout_ms,
        }
        calls.put("audit", audit, options, parts)
        calls.put("storage", storage, options, parts)
        calls.put_models(model, record_models, options, parts)
        self._handle = Handle.build(options, parts)

    @checked
    def for_user(
        self,
        tenant: str,
        user: str,
        *,
        roles: Sequence[str] = (),
        attributes: Mapping[str, Attribute] | None = None,
        time_zone: str | None = None,
        locale: str | None = None,
        now: str | datetime.datetime | None = None,
        session: str | None = None,
        client: Mapping[str, str] | None = None,
        trace_parent: str | None = None,
        timeout_ms: int | None = None,
    ) -> Self:
        """The same handle for a user: everything asked through it is authorised, limited and recorded as theirs."""
        context = {
            "tenant": tenant,
            "user": user,
            "roles": list(roles),
            "attributes": attributes,
            "time_zone": time_zone,
            "locale": locale,
            "now": now,
            "session": session,
            "client": client,
            "trace_parent": trace_parent,
            "timeout_ms": timeout_ms,
        }
        return self._of(self._handle.for_user(context))

    @checked
    def ask_stream(
        self,
        question: str,
        *,
        source: str | None = None,
        as_of: Day | None = None,
        max_rows: int | None = None,
        timeout_ms: int | None = None,
        session: str | None = None,
        settings: SettingsLayer | None = None,
    ) -> Events[AskEvent]:
        """Answers a question, telling as each stage begins and ends; the last event holds the answer."""
        return self._handle.events("ask_stream", calls.ask_arguments(question, source, as_of, max_rows, timeout_ms, session, settings))

    @checked
    def sql_stream(
        self,
        text: str,
        params: Sequence[Any] = (),
        *,
        source: str | None = None,
        max_rows: int | None = None,
        timeout_ms: int | None = None,
        settings: SettingsLayer | None = None,
    ) -> Batches:
        """Runs a statement through the guard and hands out its rows as they come."""
        return self._handle.batches("sql_stream", calls.sql_arguments(text, params, source, max_rows, timeout_ms, settings))

    def __repr__(self) -> str:
        return f"<askleo.{type(self).__name__}>"
