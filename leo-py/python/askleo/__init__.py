"""Ask your data: plain questions in, vetted SQL and explained answers out.

>>> import askleo as leo
>>> answer = leo.sample().ask("How many customers do we have?")
>>> print(answer.text)
There are 2,372 customers.
"""

from __future__ import annotations

from ._async import AsyncLeo, AsyncSessions, AsyncSources, AsyncTickets
from ._core import Answer, Batches, Chart, Events, Table, __version__, features, sample_path
from ._errors import (
    AdapterError,
    CancelledError,
    ClosedError,
    ConfigError,
    ConflictError,
    DeniedError,
    InternalError,
    LeoError,
    LimitExceededError,
    MalformedError,
    NeedsApprovalError,
    NotFoundError,
    OverBudgetError,
    RateLimitedError,
    RejectedError,
    TimeoutError,
    UnavailableError,
    UnsupportedError,
)
from ._sync import Leo, Sessions, Sources, Tickets, open, sample

TYPE_CHECKING = False
if TYPE_CHECKING:
    from . import testing as testing
    from ._source import DBAPI, Source

__all__ = [
    "AdapterError",
    "Answer",
    "AsyncLeo",
    "AsyncSessions",
    "AsyncSources",
    "AsyncTickets",
    "Batches",
    "CancelledError",
    "Chart",
    "ClosedError",
    "ConfigError",
    "ConflictError",
    "DBAPI",
    "DeniedError",
    "Events",
    "InternalError",
    "Leo",
    "LeoError",
    "LimitExceededError",
    "MalformedError",
    "NeedsApprovalError",
    "NotFoundError",
    "OverBudgetError",
    "RateLimitedError",
    "RejectedError",
    "Source",
    "Sessions",
    "Sources",
    "Table",
    "Tickets",
    "TimeoutError",
    "UnavailableError",
    "UnsupportedError",
    "__version__",
    "features",
    "open",
    "sample",
    "sample_path",
]


def __getattr__(name: str) -> object:
    """What not everybody needs is imported when it is."""
    if name in ("DBAPI", "Source"):
        from . import _source

        return getattr(_source, name)
    if name == "testing":
        import importlib

        return importlib.import_module("askleo.testing")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def load_ipython_extension(shell: object) -> None:
    """`%load_ext askleo`: the magics %ask, %%ask and %%leo_sql."""
    from ._jupyter import load

    load(shell)


def unload_ipython_extension(shell: object) -> None:
    """`%unload_ext askleo`: the magics are gone, and what they opened is closed."""
    from ._jupyter import unload

    unload(shell)
