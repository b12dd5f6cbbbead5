"""Magics for notebooks: %ask, %%ask and %%leo_sql. Imported by `%load_ext askleo`."""

from __future__ import annotations

import re
from typing import Any

from IPython.core.magic import Magics, cell_magic, line_cell_magic, line_magic, magics_class

from ._core import Answer
from ._errors import ConfigError
from ._sync import Leo, open, sample


@magics_class
class LeoMagics(Magics):
    """Questions and statements in cells.

    The handle is the one that `%leo` opened, or else the notebook's variable `leo` or `db` that holds a Leo.
    """

    opened: Leo | None = None

    @property
    def names(self) -> dict[str, Any]:
        """The notebook's variables."""
        return {} if self.shell is None else self.shell.user_ns

    def handle(self) -> Leo:
        if self.opened is not None:
            return self.opened
        for name in ("leo", "db"):
            if isinstance(held := self.names.get(name), Leo):
                return held
        raise ConfigError("there is no source yet; write `%leo sales.db` first, or `%leo sample`")

    @line_magic
    def leo(self, line: str) -> None:
        """%leo PLACE: opens a path or URL for the magics; `sample` is the sample company."""
        place = line.strip()
        if not place:
            raise ConfigError("say what to open: `%leo sales.db`")
        opened = sample() if place == "sample" else open(place)
        if self.opened is not None:
            self.opened.close()
        self.opened = opened

    @line_cell_magic
    def ask(self, line: str, cell: str | None = None) -> Answer:
        """%ask QUESTION, or %%ask and the question below; a name behind %%ask keeps the answer in that variable."""
        if cell is None:
            return self.handle().ask(line.strip())
        return self._kept(line, self.handle().ask(cell.strip()))

    @cell_magic
    def leo_sql(self, line: str, cell: str) -> Answer:
        """%%leo_sql [NAME] [--max-rows N] and a statement below: runs it through the guard."""
        words = line.split()
        max_rows = None
        if "--max-rows" in words:
            at = words.index("--max-rows")
            if at + 1 == len(words) or not words[at + 1].isdecimal():
                raise ConfigError("`--max-rows` needs a number: `%%leo_sql --max-rows 100`")
            max_rows = int(words[at + 1])
            del words[at : at + 2]
        if len(words) > 1:
            raise ConfigError("write `%%leo_sql`, perhaps a name that keeps the answer, and the statement in the lines below")
        return self._kept("".join(words), self.handle().sql(cell.strip(), max_rows=max_rows))

    def _kept(self, name: str, answer: Answer) -> Answer:
        if name.strip():
            self.names[name.strip()] = answer
        return answer


def questions(lines: list[str]) -> list[str]:
    """Keeps `%ask …?` a question: a question mark at the end of a line asks IPython for help."""
    if lines and lines[0].startswith("%%"):
        return lines
    asked = re.compile(r"(\s*)(?:(\w+)\s*=\s*)?%ask\s+(.*\?)\s*$")

    def kept(line: str) -> str:
        if not (match := asked.match(line)):
            return line
        indent, name, question = match.groups()
        return f"{indent}{f'{name} = ' if name else ''}get_ipython().run_line_magic('ask', {question!r})\n"

    return [kept(line) for line in lines]


def load(shell: Any) -> None:
    """Makes the magics known to the notebook."""
    shell.register_magics(LeoMagics)
    if questions not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(questions)


def unload(shell: Any) -> None:
    """Takes the magics away again."""
    if questions in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.remove(questions)
    magics = shell.magics_manager.registry.pop("LeoMagics", None)
    if magics is None:
        return
    for kind in shell.magics_manager.magics.values():
        for name in [name for name, magic in kind.items() if getattr(magic, "__self__", None) is magics]:
            del kind[name]
    if magics.opened is not None:
        magics.opened.close()
