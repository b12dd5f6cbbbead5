"""The programs in examples/python run and say what they are there to show."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples" / "python"

TELLING = {
    "first_question": "Tarn Tarp Pro has the highest revenue",
    "own_table_policy": "eve of acme is not let in: you are no member here",
    "streaming_with_cancel": "cancelled, at once",
    "own_model": "by model, 990 tokens",
    "cassette": "where the nearest recorded one says",
    "evaluation": "right of all is 75.0 %, and has to be 90.0 % at least",
    "arrow_hand_over": "Rome has the highest total guests: 31",
}
"""A line of each program's output."""


def test_each_program_is_run() -> None:
    assert {path.stem for path in EXAMPLES.glob("*.py")} == set(TELLING)


@pytest.mark.parametrize("name", TELLING)
def test_it_runs(name: str, tmp_path: Path) -> None:
    if name == "arrow_hand_over":
        for module in ("pyarrow", "polars", "pandas", "duckdb"):
            pytest.importorskip(module)
    program = EXAMPLES / f"{name}.py"
    assert len(program.read_text(encoding="utf-8").splitlines()) <= 60
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    run = subprocess.run(
        [sys.executable, program], capture_output=True, encoding="utf-8", timeout=120, cwd=tmp_path, env=environment
    )
    assert (run.returncode, "Traceback" in run.stderr) == (0, False), run.stdout + run.stderr
    assert TELLING[name] in run.stdout
    assert not list(tmp_path.iterdir()), "an example leaves nothing behind"


def test_tenants_see_their_own_rows_alone(tmp_path: Path) -> None:
    run = subprocess.run([sys.executable, EXAMPLES / "own_table_policy.py"], capture_output=True, encoding="utf-8", timeout=60)
    nora, _, rest = run.stdout.partition("sven of globex")
    sven = rest.partition("tim of acme")[0]
    assert "Ada Byron" in nora and "Grace Hopper" not in nora
    assert "Grace Hopper" in sven and "Ada Byron" not in sven
    assert "@example" not in run.stdout
