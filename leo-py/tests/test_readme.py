"""Every block of Python in the package's README runs, one after the other, beside a small database."""

from __future__ import annotations

import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest

import askleo as leo
from askleo._errors import BY_KIND

README = Path(__file__).parents[1] / "README.md"
PROJECT = Path(__file__).parents[2] / "README.md"
VECTORS = Path(__file__).parents[2] / "tests" / "vectors"
SURFACE = json.loads((VECTORS / "surface.json").read_text(encoding="utf-8"))


def blocks(language: str, readme: Path = README) -> list[tuple[int, str]]:
    """Fenced blocks of a language, each with its line."""
    text = readme.read_text(encoding="utf-8")
    return [
        (text[: match.start(1)].count("\n"), match.group(1))
        for match in re.finditer(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def test_its_code_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    connection = sqlite3.connect("sales.db")
    connection.executescript((VECTORS / "sales.sql").read_text(encoding="utf-8"))
    connection.close()
    names: dict[str, Any] = {"__name__": "readme"}
    for number, (line, code) in enumerate(blocks("python")):
        exec(compile("\n" * line + code, README, "exec"), names)
        if number == 0:
            # The answer that it shows is the one that comes.
            (_, shown), *_ = blocks("text")
            assert capsys.readouterr().out.startswith(shown.partition("…")[0])
    names["leo"].close()
    assert Path("audit.jsonl").stat().st_size > 0


def test_the_code_in_the_projects_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("pandas")
    monkeypatch.chdir(tmp_path)
    connection = sqlite3.connect("sales.db")
    connection.executescript((VECTORS / "sales.sql").read_text(encoding="utf-8"))
    connection.executescript(
        "ALTER TABLE orders RENAME COLUMN amount TO revenue; UPDATE orders SET ordered_on = date('now', '-' || (id * 3) || ' days')"
    )
    connection.close()
    ((line, code),) = blocks("python", PROJECT)
    names: dict[str, Any] = {"__name__": "readme"}
    exec(compile("\n" * line + code, PROJECT, "exec"), names)
    assert names["answer"].status == "answered" and len(names["frame"]) > 0


def test_the_first_answer_comes_early() -> None:
    ((line, text), *_) = blocks("text")
    assert line + text.count("\n") <= 40


def test_it_names_every_error_and_every_part() -> None:
    text = README.read_text(encoding="utf-8")
    for error in BY_KIND.values():
        assert f"| `{error.__name__}` |" in text
    assert text.count("Error` |") == len(BY_KIND)
    for part, methods in SURFACE["parts"].items():
        if part == "source":
            methods = {"tables": [], "query": ["sql", "params"], "cancel": [], "close": []}
        (row,) = re.findall(rf"^\| (?:`{part}`|a {part}: .*?) \|.*$", text, re.MULTILINE)
        for method, arguments in methods.items():
            assert f"`{method}({', '.join(arguments)})`" in row
    for status in set(SURFACE["statuses"]) - {"answered"}:
        assert f"`{status}`" in text


def test_the_names_it_uses_are_there() -> None:
    for name in re.findall(r"askleo\.([A-Za-z]+)", README.read_text(encoding="utf-8")):
        assert name == "testing" or hasattr(leo, name), name
