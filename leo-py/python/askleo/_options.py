"""Options that there are not, told by their names."""

from __future__ import annotations

from ._core import suggestion
from ._errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    F = TypeVar("F", bound=Callable[..., Any])


def checked(function: F) -> F:
    """Raises ConfigError with the nearest name, where Python alone would say that an argument is unexpected."""
    code = function.__code__
    known = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]

    def call(*args: Any, **named: Any) -> Any:
        try:
            return function(*args, **named)
        except TypeError:
            for name in named:
                if name not in known:
                    names = [option for option in known if option not in ("self", "cls")]
                    called = "Leo" if function.__name__ == "__init__" else function.__name__
                    raise ConfigError(f"`{called}` has no option `{name}`; {suggestion(name, names)}") from None
            raise

    for name in ("__name__", "__qualname__", "__module__", "__doc__"):
        setattr(call, name, getattr(function, name))
    call.__wrapped__ = function  # type: ignore[attr-defined]
    return call  # type: ignore[return-value]
