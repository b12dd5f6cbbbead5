"""The notebook in examples/python runs from the first cell to the last."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

nbclient = pytest.importorskip("nbclient")
nbformat = pytest.importorskip("nbformat")
pytest.importorskip("ipykernel")
pytest.importorskip("pandas")

NOTEBOOK = Path(__file__).parents[2] / "examples" / "python" / "askleo.ipynb"


def test_the_notebook_is_kept_without_outputs() -> None:
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        assert not cell.get("outputs") and cell.get("execution_count") is None


def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Jupyter keeps what it writes in this folder; the kernel finds the package as this process does.
    for name in ("IPYTHONDIR", "JUPYTER_RUNTIME_DIR", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, str(tmp_path))
    import askleo

    package = str(Path(askleo.__file__).parents[1])
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(filter(None, [package, os.environ.get("PYTHONPATH")])))
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = nbclient.NotebookClient(
        notebook, kernel_name="python3", timeout=120, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()  # Raises where a cell does.

    cells = {cell.source.split("\n")[0]: cell for cell in notebook.cells if cell.cell_type == "code"}
    assert all(output.output_type != "error" for cell in cells.values() for output in cell.outputs)
    for line in ("%ask How many customers do we have?", "%%ask months", "%%leo_sql cities", "%%ask late"):
        shown = data(cells[line])
        assert "text/html" in shown and "text/plain" in shown, line
    assert "2,372" in data(cells["%ask How many customers do we have?"])["text/html"]
    assert "<svg" in data(cells["%%ask months"])["text/html"]
    chart = data(cells["months.chart"])
    assert any(kind.startswith("application/vnd.vegalite") or kind == "image/svg+xml" for kind in chart)
    assert "declined" in data(cells["late.status, late.refusal[\"message\"]"])["text/plain"]


def data(cell: Any) -> dict[str, Any]:
    """What a cell shows as its result."""
    (output,) = [output for output in cell.outputs if output.output_type == "execute_result"]
    return dict(output.data)
