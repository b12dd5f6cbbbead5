"""The plain data that Leo takes (`types.input`) and gives (`types.output`), and the events of its streams, for type checkers.

>>> from askleo.types.output import Vetting
>>> def refused(vetting: Vetting) -> bool:
...     return vetting["verdict"] == "blocked"

All of it is dicts and lists, made from the schemas in docs/schema. There is nothing to check at run time and nothing to load: the
names are `Any` there.
"""

from __future__ import annotations


def __getattr__(name: str) -> object:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from typing import Any

    return Any
