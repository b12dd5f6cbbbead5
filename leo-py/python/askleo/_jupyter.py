"""Magics for notebooks: %ask, %%ask and %%leo_sql. Imported by `%load_ext askleo`."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, cell_magic
from IPython.core.magic_arguments import argument, magic_arguments, parse_argstring

from ._core import Answer
from ._errors import ConfigError
from ._sync import Leo, open, sample


@magics_class
class LeoMagics(Magics):  # type: ignore[misc]
    """Questions and statements in cells.

    The handle is the one that `%leo` opened, or else the notebook's variable `leo` or `db` that holds a Leo.
    """

    opened: Leo | None = None

    def handle(self) -> Leo:
        if self.opened is not None:
            return self.opened
        for name in ("leo", "db"):
            if isinstance(held := self.shell.user_ns.get(name), Leo):
                return held
        raise ConfigError("there is no source yet; write `%leo sales.db` first, or `%leo sample`")

    @line_magic  # type: ignore[misc]
    def leo(self, line: str) -> None:
        """%leo PLACE: opens a path or URL for the magics; `sample` is the sample company."""
        place = line.strip()
        if not place:
            raise ConfigError("say what to open: `%leo sales.db`")
        opened = sample() if place == "sample" else open(place)
        if self.opened is not None:
            self.opened.close()
        self.opened = opened

    @line_cell_magic  # type: ignore[misc]
    def ask(self, line: str, cell: str | None = None) -> Answer:
        """%ask QUESTION, or %%ask and the question below; a name behind %%ask keeps the answer in that variable."""
        if cell is None:
            return self.handle().ask(line.strip())
        return self._kept(line, self.handle().ask(cell.strip()))

    @magic_arguments()  # type: ignore[misc]
    @argument("name", nargs="?", help="variable that keeps the answer")  # type: ignore[misc]
    @argument("--max-rows", type=int, default=None, help="rows of the result at most")  # type: ignore[misc]
    @cell_magic  # type: ignore[misc]
    def leo_sql(self, line: str, cell: str) -> Answer:
        """%%leo_sql [NAME] and a statement below: runs it through the guard."""
        options = parse_argstring(self.leo_sql, line)
        return self._kept(options.name or "", self.handle().sql(cell.strip(), max_rows=options.max_rows))

    def _kept(self, name: str, answer: Answer) -> Answer:
        if name.strip():
            self.shell.user_ns[name.strip()] = answer
        return answer


def load(shell: Any) -> None:
    """Makes the magics known to the notebook."""
    shell.register_magics(LeoMagics)
