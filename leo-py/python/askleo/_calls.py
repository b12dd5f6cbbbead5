"""The arguments of each call, as the core takes them."""

from __future__ import annotations

from ._errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import datetime
    import os
    from collections.abc import Mapping, Sequence
    from typing import Any, TypeAlias, Union

    from typing_extensions import TypeIs

    from ._source import Source
    from .types import output
    from .types.input import Gates, Knowledge, SemanticQuery, SettingsLayer

    Place: TypeAlias = Union[str, os.PathLike[str], Mapping[str, Any]]
    Day: TypeAlias = Union[str, datetime.date]
    Query: TypeAlias = Union[SemanticQuery, Mapping[str, Any]]
    Suite: TypeAlias = Union[str, os.PathLike[str], Sequence[Mapping[str, Any]], Mapping[str, Any]]


def open_arguments(
    id: str | None,
    execution: bool | None,
    settings: SettingsLayer | None,
    knowledge: Knowledge | None,
    personal_data: Mapping[str, str] | None,
    as_of: Day | None,
    audit: Any,
    storage: Any,
    keys: str | None,
    authorizer: Any,
    credentials: Any,
    model: Any,
    record_models: str | os.PathLike[str] | None,
    embedder: Any,
    clock: Any,
    adapter_timeout_ms: int | None,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What `open` and `sample` are called with: options, which are plain data, and the host's parts."""
    parts = {"authorizer": authorizer, "credentials": credentials, "embedder": embedder, "clock": clock}
    options: dict[str, Any] = {
        "id": id,
        "execution": execution,
        "settings": settings,
        "knowledge": knowledge,
        "personal_data": personal_data,
        "as_of": as_of,
        "keys": keys,
        "adapter_timeout_ms": adapter_timeout_ms,
    }
    put("audit", audit, options, parts)
    put("storage", storage, options, parts)
    put_models(model, record_models, options, parts)
    return options, parts


def put(name: str, part: Any, options: dict[str, Any], parts: dict[str, Any]) -> None:
    """The path of a file is an option, an object of the host's a part."""
    if isinstance(part, str) or hasattr(part, "__fspath__"):
        options[name] = part
    else:
        parts[name] = part


def put_models(model: Any, record: str | os.PathLike[str] | None, options: dict[str, Any], parts: dict[str, Any]) -> None:
    """Names and fields of models are options, an object of the host's is a part, and a cassette is one or the other."""
    if hasattr(model, "_as_options"):
        model, record = model._as_options()
    several = list(model) if isinstance(model, (list, tuple)) else [model]
    plain = [one for one in several if isinstance(one, (str, dict))]
    own = [one for one in several if one is not None and not isinstance(one, (str, dict))]
    if len(own) > 1:
        raise ConfigError("one model can be an object of your own; let it ask the others itself")
    options["model"] = plain or None
    options["record_models"] = None if record is None else path(record)
    parts["model"] = own[0] if own else None


def entry(source: Place | Source, parts: dict[str, Any]) -> Any:
    """A source among the options; one that reads itself is a part, too."""
    if is_source(source):
        return own(source, {}, parts)
    if isinstance(source, dict) and is_source(source.get("place")):
        return own(source["place"], {name: value for name, value in source.items() if name != "place"}, parts)
    return place_of(source)


def own(source: Source, options: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """The options of a source of the host's own, which becomes a part."""
    from ._source import Connector

    id = options.get("id") or source.id
    parts.setdefault("sources", {})[id] = Connector(source)
    return {**options, "id": id, "connector": {"dialect": source.dialect, "engine": source.engine}}


def is_source(place: Any) -> TypeIs[Source]:
    """Whether it is a source of the host's own, and not where one is."""
    return hasattr(place, "tables") and hasattr(place, "query")


def built(source: Source, options: dict[str, Any], parts: dict[str, Any]) -> dict[str, Any]:
    """The options of a handle over one source of the host's own, from those of a place that is opened."""
    named = {name: options[name] for name in ("id", "execution", "knowledge", "personal_data", "as_of")}
    handle = {name: options.get(name) for name in ("settings", "audit", "storage", "keys", "model", "record_models", "adapter_timeout_ms")}
    return {"preset": "local", "sources": [own(source, named, parts)], **handle}


def path(place: str | os.PathLike[str]) -> str:
    if isinstance(place, str):
        return place
    if not hasattr(place, "__fspath__"):
        raise ConfigError(f"what is opened is a path, a URL or a source of your own, not {type(place).__name__}")
    return str(place.__fspath__())


def place_of(place: Place | Source) -> Any:
    return path(place) if hasattr(place, "__fspath__") else place


def source_arguments(
    place: Place,
    id: str | None,
    execution: bool | None,
    settings: SettingsLayer | None,
    knowledge: Knowledge | None,
    personal_data: Mapping[str, str] | None,
    as_of: Day | None,
) -> dict[str, Any]:
    return {
        "place": place_of(place),
        "id": id,
        "execution": execution,
        "settings": settings,
        "knowledge": knowledge,
        "personal_data": personal_data,
        "as_of": as_of,
    }


def ask_arguments(
    question: str,
    source: str | None,
    as_of: Day | None,
    max_rows: int | None,
    timeout_ms: int | None,
    session: str | None,
    settings: SettingsLayer | None,
) -> dict[str, Any]:
    return {
        "question": question,
        "source": source,
        "as_of": as_of,
        "max_rows": max_rows,
        "timeout_ms": timeout_ms,
        "session": session,
        "settings": settings,
    }


def query_arguments(
    query: Query,
    source: str | None,
    as_of: Day | None,
    max_rows: int | None,
    timeout_ms: int | None,
    session: str | None,
    settings: SettingsLayer | None,
) -> dict[str, Any]:
    arguments = ask_arguments("", source, as_of, max_rows, timeout_ms, session, settings)
    arguments["query"] = query
    del arguments["question"]
    return arguments


def sql_arguments(
    text: str,
    params: Sequence[Any],
    source: str | None,
    max_rows: int | None,
    timeout_ms: int | None,
    settings: SettingsLayer | None,
) -> dict[str, Any]:
    return {
        "text": text,
        # What is no list is told by its name, not taken apart.
        "params": params if isinstance(params, (str, bytes, dict)) else list(params),
        "source": source,
        "max_rows": max_rows,
        "timeout_ms": timeout_ms,
        "settings": settings,
    }


def sync_arguments(
    source: str | None,
    include: Sequence[str],
    exclude: Sequence[str],
    profile: bool,
    table_timeout_ms: int,
    parallel: int,
    only: Sequence[str],
) -> dict[str, Any]:
    return {
        "source": source,
        "include": list(include),
        "exclude": list(exclude),
        "profile": profile,
        "table_timeout_ms": table_timeout_ms,
        "parallel": parallel,
        "only": list(only),
    }


def suite_of(suite: Suite | None) -> Any:
    """A path is where the suite is; text is the suite itself."""
    place = getattr(suite, "__fspath__", None)
    return suite if place is None else {"path": str(place())}


def evaluate_arguments(
    suite: Suite,
    source: str | None,
    as_of: Day | None,
    limit: int | None,
    workers: int,
    one_by_one: bool,
    gates: Gates | None,
    baseline: output.Evaluation | None,
) -> dict[str, Any]:
    return {
        "suite": suite_of(suite),
        "source": source,
        "as_of": as_of,
        "limit": limit,
        "workers": workers,
        "one_by_one": one_by_one,
        "gates": gates,
        "baseline": baseline,
    }
