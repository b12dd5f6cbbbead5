"""How far a sync is, shown to a person."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .types import ProgressEvent


@contextmanager
def observer(progress: bool | Callable[[ProgressEvent], object]) -> Iterator[Callable[[ProgressEvent], object]]:
    """What is called with each event: nothing, a bar, or the caller's own function."""
    if callable(progress):
        yield progress
    elif progress:
        bar = _Bar()
        try:
            yield bar
        finally:
            bar.end()
    else:
        yield lambda event: None


class _Bar:
    """One line on stderr that is written over; in a notebook that line too."""

    def __init__(self) -> None:
        self.width = 0

    def __call__(self, event: ProgressEvent) -> None:
        done, total = event["done"], event["total"]
        filled = 24 * done // total if total else 0
        if event["stage"] == "queue":
            place = f", {event['position'] - 1} before it" if event["position"] else ""
            self.write(f"waiting for other syncs{place}")
            return
        table = f" {event['table']['name']}" if event["table"] else ""
        left = f" {-(-event['eta_ms'] // 1000)} s left" if event["eta_ms"] else ""
        self.write(f"{event['stage']:<10} [{'#' * filled}{'.' * (24 - filled)}] {done}/{total}{left}{table}")

    def write(self, line: str) -> None:
        print("\r" + line[:100].ljust(self.width), end="", file=sys.stderr, flush=True)
        self.width = len(line[:100])

    def end(self) -> None:
        if self.width:
            print(file=sys.stderr)
