"""The types of plain data are those of the schemas. `LEO_UPDATE=1 scripts/test-python -k types` writes them anew."""

import ast
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

import askleo
from askleo.types import input as input_types
from askleo.types import output as output_types

FOLDER = Path(__file__).parent.parent / "python/askleo/types"
SCHEMAS = Path(__file__).parent.parent.parent / "docs/schema"
HEADER = "# Made from docs/schema by tests/test_types.py; change the types in Rust.\n"


def made(name: str, folder: Path) -> str:
    from datamodel_code_generator.__main__ import main

    written = folder / f"{name}.pyi"
    options = (
        f"--input {SCHEMAS / name}.json --output {written} --input-file-type jsonschema --output-model-type typing.TypedDict"
        " --target-python-version 3.10 --enum-field-as-literal all --no-use-closed-typed-dict --use-title-as-name"
        " --use-standard-collections --use-schema-description --use-field-description --use-single-line-docstring"
        " --use-union-operator --disable-timestamp --formatters builtin"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert main(options.split()) == 0
    text = written.read_text()
    return HEADER + text[text.index("\nfrom __future__") :]


@pytest.mark.parametrize("name", ["input", "output"])
def test_the_types_are_those_of_the_schemas(name: str, tmp_path: Path) -> None:
    new = made(name, tmp_path)
    kept = FOLDER / f"{name}.pyi"
    if os.environ.get("LEO_UPDATE"):
        kept.write_text(new)
    assert kept.read_text() == new, "run LEO_UPDATE=1 scripts/test-python -k types"
    names = [node.name for node in ast.walk(ast.parse(new)) if isinstance(node, ast.ClassDef)]
    assert len(names) > 40
    assert not [name for name in names if name[-1].isdigit()], "a type without a name of its own"
