"""See `askleo.types`."""

from . import __getattr__ as __getattr__  # type: ignore[attr-defined]
