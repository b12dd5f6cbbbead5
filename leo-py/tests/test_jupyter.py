"""The magics, as IPython runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import askleo as leo

pytest.importorskip("IPython")
from IPython.core.error import UsageError  # noqa: E402
from IPython.core.interactiveshell import InteractiveShell  # noqa: E402


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> InteractiveShell:
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    from traitlets.config import Config

    config = Config()
    config.HistoryManager.enabled = False
    shell = InteractiveShell(config=config)
    shell.run_line_magic("load_ext", "askleo")
    return shell


def test_nothing_is_asked_before_something_is_opened(shell: InteractiveShell) -> None:
    with pytest.raises(leo.ConfigError, match="write `%leo sales.db` first, or `%leo sample`"):
        shell.run_line_magic("ask", "How many customers do we have?")
    with pytest.raises(leo.ConfigError, match="say what to open"):
        shell.run_line_magic("leo", "")


def test_a_question_in_a_line(shell: InteractiveShell) -> None:
    shell.run_line_magic("leo", "sample")
    answer = shell.run_line_magic("ask", "How many customers do we have?")
    assert isinstance(answer, leo.Answer) and answer.row_count == 1
    shown, _ = shell.display_formatter.format(answer)
    assert "2,372" in shown["text/html"] and "2,372" in shown["text/plain"]


def test_a_question_mark_is_no_call_for_help(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    cell = "%leo sample\n%ask How many customers do we have?"
    assert shell.run_cell(cell).result.table[0][0] == 2_372
    assert shell.run_cell("kept = %ask how many customers are in 'Oslo'?").success
    assert isinstance(shell.user_ns["kept"], leo.Answer)
    assert shell.run_cell("for _ in range(2):\n    %ask How many customers do we have?\nlen?").success
    assert "not found" not in capsys.readouterr().out
    # Below `%%ask` it is text.
    assert shell.run_cell("%%ask\nHow many customers do we have?").result.row_count == 1


def test_a_name_keeps_the_answer(shell: InteractiveShell) -> None:
    shell.run_line_magic("leo", "sample")
    shown = shell.run_cell_magic("ask", "months", "revenue by month in 2024\n")
    assert shell.user_ns["months"] is shown and len(shown.table) == 12
    shell.run_cell_magic("ask", "", "revenue by month in 2024\n")
    assert "" not in shell.user_ns


def test_a_statement_in_a_cell(shell: InteractiveShell, shop: Path) -> None:
    shell.run_line_magic("leo", str(shop))
    answer = shell.run_cell_magic("leo_sql", "rows --max-rows 2", "SELECT id FROM orders\nORDER BY id\n")
    assert shell.user_ns["rows"] is answer and answer.table.rows() == [(1,), (2,)] and answer.truncated
    with pytest.raises(leo.RejectedError):
        shell.run_cell_magic("leo_sql", "", "DELETE FROM orders\n")
    with pytest.raises(leo.ConfigError, match="`--max-rows` needs a number"):
        shell.run_cell_magic("leo_sql", "--max-rows many", "SELECT id FROM orders\n")
    with pytest.raises(leo.ConfigError, match="perhaps a name"):
        shell.run_cell_magic("leo_sql", "two names", "SELECT id FROM orders\n")


def test_a_variable_of_the_notebook_is_asked(shell: InteractiveShell, shop: Path) -> None:
    with leo.open(shop) as db:
        shell.user_ns["db"] = db
        assert shell.run_line_magic("ask", "how many orders?").table[0][0] == 3
        # What `%leo` opened comes first.
        shell.run_line_magic("leo", "sample")
        assert shell.run_line_magic("ask", "How many customers do we have?").table[0][0] == 2_372


def test_another_source_takes_the_place(shell: InteractiveShell, shop: Path, tmp_path: Path) -> None:
    shell.run_line_magic("leo", "sample")
    shell.run_line_magic("leo", str(shop))
    assert shell.run_line_magic("ask", "how many orders?").table[0][0] == 3
    with pytest.raises(leo.NotFoundError):
        shell.run_line_magic("leo", str(tmp_path / "nothing.db"))
    # The one before stays open where the new one cannot be.
    assert shell.run_line_magic("ask", "how many orders?").table[0][0] == 3


def test_errors_show_themselves_in_a_cell(shell: InteractiveShell, capsys: pytest.CaptureFixture[str]) -> None:
    shell.run_line_magic("leo", "sample")
    result = shell.run_cell("%%leo_sql\nDELETE FROM customers")
    assert isinstance(result.error_in_exec, leo.RejectedError)
    assert "RejectedError" in capsys.readouterr().out


def test_a_cell_of_its_own_without_a_statement(shell: InteractiveShell) -> None:
    shell.run_line_magic("leo", "sample")
    error: Any = (leo.LeoError, UsageError)
    with pytest.raises(error):
        shell.run_cell_magic("leo_sql", "", "\n")
    with pytest.raises(error):
        shell.run_line_magic("ask", "")


def test_the_extension_goes_as_it_came(shell: InteractiveShell) -> None:
    shell.run_line_magic("leo", "sample")
    opened = shell.magics_manager.registry["LeoMagics"].opened
    shell.run_line_magic("unload_ext", "askleo")
    assert shell.find_line_magic("ask") is None and shell.find_cell_magic("leo_sql") is None
    with pytest.raises(leo.ClosedError):
        opened.ask("How many customers do we have?")
    shell.run_line_magic("load_ext", "askleo")
    assert shell.find_line_magic("ask") is not None
