"""Sources of the host's own: any connection that Python has, wrapped in a few lines. Imported when there is one."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ._errors import ConfigError


class Source:
    """A source that your own code reads. Give `tables` and `query`; the rest is optional.

    >>> class Warehouse(askleo.Source):
    ...     id, dialect = "warehouse", "postgres"
    ...
    ...     def tables(self):
    ...         return [{"name": "orders", "columns": [{"name": "id", "type": "INTEGER"}]}]
    ...
    ...     def query(self, sql, params):
    ...         return duckdb.execute(sql, params).arrow()
    >>> askleo.open(Warehouse()).ask("how many orders?")

    Statements were vetted, and are on record, before `query` hears of them; rows, bytes and time are counted on Leo's side.
    """

    id: str = "source"
    """Its name in Leo."""
    dialect: str = "sqlite"
    """What its statements are written in: "sqlite", "postgres", "mysql", "tsql", "bigquery", "datafusion"."""
    engine: str = "host"
    """What it is, for people."""
    default_schema: str | None = None
    """The schema that a bare name means, where it is not the dialect's usual one: "main" for DuckDB."""

    def tables(self) -> Iterable[Mapping[str, Any]]:
        """What there is to ask about: dicts with `name`, `columns` (each with `name` and `type`), and perhaps `schema`, `comment`,
        `primary_key`, `foreign_keys`."""
        raise NotImplementedError

    def query(self, sql: str, params: Sequence[Any]) -> Any:
        """Runs one statement and gives its rows: anything with the Arrow PyCapsule interface, bytes of an Arrow stream (IPC), a DB-API
        cursor, or `{"columns": [...], "rows": [...]}`. May be a coroutine."""
        raise NotImplementedError

    def cancel(self) -> None:
        """Stops a statement of which nobody wants more rows."""

    def close(self) -> None:
        """Lets go of connections."""


class DBAPI(Source):
    """Any connection by Python's DB-API: `connect` makes one for each thread that needs one.

    >>> askleo.open(askleo.DBAPI(lambda: psycopg.connect("..."), dialect="postgres"))

    Tables are read from `information_schema` unless they are given. `paramstyle` is the driver module's: "qmark" (`?`), "format" and
    "pyformat" (`%s`); with "native" the placeholders stay as the dialect writes them.
    """

    def __init__(
        self,
        connect: Callable[[], Any],
        *,
        dialect: str,
        id: str = "source",
        engine: str = "host",
        paramstyle: str = "qmark",
        tables: Iterable[Mapping[str, Any]] | None = None,
    ) -> None:
        if paramstyle not in ("qmark", "format", "pyformat", "native"):
            raise ConfigError('`paramstyle` is "qmark", "format", "pyformat" or "native"')
        self.id, self.dialect, self.engine = id, dialect, engine
        self._paramstyle = paramstyle
        self._connect = connect
        self._tables = None if tables is None else list(tables)
        self._local = threading.local()
        self._connections: list[Any] = []
        self._lock = threading.Lock()

    def _connection(self) -> Any:
        if not hasattr(self._local, "connection"):
            connection = self._connect()
            self._local.connection = connection
            with self._lock:
                self._connections.append(connection)
        return self._local.connection

    def tables(self) -> Iterable[Mapping[str, Any]]:
        if self._tables is not None:
            return self._tables
        cursor = self._connection().cursor()
        cursor.execute(
            "SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns"
            " WHERE table_schema NOT IN ('information_schema', 'pg_catalog') ORDER BY table_schema, table_name, ordinal_position"
        )
        tables: dict[tuple[str, str], dict[str, Any]] = {}
        for schema, name, column, kind in cursor.fetchall():
            table = tables.setdefault((schema, name), {"schema": schema, "name": name, "columns": []})
            table["columns"].append({"name": column, "type": kind})
        return tables.values()

    def query(self, sql: str, params: Sequence[Any]) -> Any:
        cursor = self._connection().cursor()
        if params:
            sql, params = _placed(sql, params, self.dialect, self._paramstyle)
            cursor.execute(sql, params)
        else:
            cursor.execute(sql)
        return cursor

    def close(self) -> None:
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.close()


def _placed(sql: str, params: Sequence[Any], dialect: str, style: str) -> tuple[str, tuple[Any, ...]]:
    """The statement with the driver's placeholders, and the values in the order of those."""
    if style == "native":
        return sql, tuple(params)
    values: list[Any] = []

    def place(match: re.Match[str]) -> str:
        text = match.group()
        if text[0] in "?$@" and (text == "?" or text.lstrip("$@Pp").isdigit()):
            values.append(params[len(values) if text == "?" else int(text.lstrip("$@Pp")) - 1])
            return "?" if style == "qmark" else "%s"
        return text if style == "qmark" else text.replace("%", "%%")

    backslash = dialect in ("mysql", "bigquery")
    text = r"'(?:[^'\\]|\\.|'')*'" if backslash else r"[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'"
    token = rf"""{text}|"(?:[^"]|"")*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|/\*.*?\*/|\$\d+|@[Pp]\d+|\?|%"""
    return re.sub(token, place, sql, flags=re.DOTALL), tuple(values)


class Connector:
    """What the core calls: a Source with its statements by number."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def introspect(self, ctx: dict[str, Any]) -> dict[str, Any]:
        return {
            "dialect": self._source.dialect,
            "default_schema": self._source.default_schema,
            "tables": list(self._source.tables()),
        }

    def start(self, ctx: dict[str, Any], request: dict[str, Any]) -> Any:
        answered = self._source.query(request["sql"], request["params"])
        if hasattr(answered, "__await__"):
            return _awaited(answered, request["row_cap"])
        return _rows(answered, request["row_cap"])

    def next(self, id: int) -> None:
        return None

    def stop(self, id: int) -> None:
        self._source.cancel()

    def close(self) -> None:
        self._source.close()


async def _awaited(answered: Any, row_cap: int) -> Any:
    return _rows(await answered, row_cap)


def _rows(answered: Any, row_cap: int) -> Any:
    """Rows of a cursor as the core reads them; anything else as it is."""
    if hasattr(answered, "__arrow_c_stream__") or not hasattr(answered, "fetchmany"):
        return answered
    columns = [column[0] for column in answered.description]
    rows: list[Any] = []
    while len(rows) < row_cap and (piece := answered.fetchmany(min(10_000, row_cap - len(rows)))):
        rows.extend(list(row) for row in piece)
    return {"columns": columns, "rows": rows}
