"""The package has what every package has, under the same names, and gives the same."""

from __future__ import annotations

import inspect
import json
import os
from pathlib import Path
from typing import Any

import pytest

import askleo as leo
from askleo._errors import BY_KIND

VECTORS = Path(__file__).parents[2] / "tests" / "vectors"
SURFACE = json.loads((VECTORS / "surface.json").read_text())
OUTCOMES = json.loads((VECTORS / "outcomes.json").read_text())


SPACES = {
    "": (leo.Leo, leo.AsyncLeo),
    "sessions": (leo.Sessions, leo.AsyncSessions),
    "sources": (leo.Sources, leo.AsyncSources),
    "tickets": (leo.Tickets, leo.AsyncTickets),
}


def parameters(function: Any) -> tuple[list[str], list[str]]:
    """Names of a function's parameters: all, and those that must be given."""
    named = [parameter for name, parameter in inspect.signature(function).parameters.items() if name not in ("self", "cls")]
    return [one.name for one in named], [one.name for one in named if one.default is inspect.Parameter.empty]


@pytest.mark.parametrize("name", SURFACE["calls"])
@pytest.mark.parametrize("asynchronous", [False, True])
def test_each_call_is_a_method(name: str, asynchronous: bool) -> None:
    call = SURFACE["calls"][name]
    space, _, method = name.rpartition(".")
    owner = SPACES[space][asynchronous]
    names, required = parameters(getattr(owner, method))
    # A source's place may be given in another way inside a handle's options, and must be given here.
    assert required == (call["arguments"] or (["place"] if method == "add" else []))
    # How a sync shows itself is each language's own.
    assert set(names) - {"progress"} == ({*call["arguments"], *call["options"]} - ({"connector"} if method == "add" else set()))


def defaults(function: Any) -> dict[str, Any]:
    """What a function's optional parameters are when they are not given, as plain data."""
    named = inspect.signature(function).parameters.items()
    given = {name: one.default for name, one in named if one.default is not inspect.Parameter.empty and name != "progress"}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}


@pytest.mark.parametrize("name", SURFACE["calls"])
@pytest.mark.parametrize("asynchronous", [False, True])
def test_what_is_not_given_is_what_the_core_takes_it_for(name: str, asynchronous: bool) -> None:
    space, _, method = name.rpartition(".")
    owner = SPACES[space][asynchronous]
    core = SURFACE["calls"][name]["defaults"]
    for option, value in defaults(getattr(owner, method)).items():
        # None is not sent, so that the core decides; an empty dict would be the same.
        assert value == core.get(option) or (value is None and core.get(option) in (None, {})), option


def test_there_are_no_other_methods() -> None:
    for space, owners in SPACES.items():
        for owner in owners:
            methods = {name for name in dir(owner) if not name.startswith("_")} - {"for_user", "sessions", "sources", "tickets", "open", "sample"}
            named = {f"{space}.{name}".lstrip(".") for name in methods}
            assert named == {name for name in SURFACE["calls"] if name.rpartition(".")[0] == space}


def test_what_makes_a_handle() -> None:
    parts = set(SURFACE["parts"]) - {"source"}
    built = set(SURFACE["build"]["options"]) | parts
    assert set(parameters(leo.Leo.__init__)[0]) == set(parameters(leo.AsyncLeo.__init__)[0]) == built
    names, required = parameters(leo.open)
    assert required == ["place"] and set(names) - {"place"} <= set(SURFACE["open"]["options"]) | parts
    assert set(SURFACE["open"]["options"]) <= set(names)
    assert parameters(leo.open) == parameters(leo.AsyncLeo.open)
    assert SURFACE["sample"] == SURFACE["open"]
    assert parameters(leo.sample) == parameters(leo.AsyncLeo.sample) == ([name for name in names if name != "place"], [])
    names, required = parameters(leo.Leo.for_user)
    assert required == SURFACE["for_user"]["arguments"] and set(names) == {*required, *SURFACE["for_user"]["options"]}


def test_errors_and_forms() -> None:
    assert list(BY_KIND) == SURFACE["errors"]
    for form in SURFACE["answer_forms"]:
        assert hasattr(leo.Answer, f"to_{form}")
    for form in SURFACE["table_forms"]:
        assert form == "text" or hasattr(leo.Table, f"to_{form}")


@pytest.mark.parametrize("vector", OUTCOMES, ids=lambda vector: f"{vector['call']}-{list(vector['arguments'].values())[:1]}")
def test_a_call_gives_what_it_gives_everywhere(company: leo.Leo, vector: dict[str, Any]) -> None:
    expected = vector["outcome"]
    try:
        reply = company._handle.call(vector["call"], vector["arguments"])
    except leo.LeoError as error:
        assert {"kind": error.kind, "message": error.message, "findings": error.findings} == expected["error"]
        return
    if isinstance(reply, leo.Answer):
        data = reply.to_dict()
        chart = data.get("chart")
        found = {name: data.get(name) for name in ("status", "sql", "params", "table", "truncated")}
        assert {**found, "text": reply.text, "chart": chart and chart["kind"]} == expected
        if reply.table is not None:
            assert [list(row) for row in json.loads(json.dumps(reply.table.rows(), default=str))] == expected["table"]["rows"]
        if "arrow" in vector:
            assert reply.table is not None and reply.table.to_ipc() == (VECTORS / vector["arrow"]).read_bytes()
    else:
        if isinstance(reply, dict):
            reply.pop("micros", None)
        assert reply == expected["json"]


def test_there_are_vectors() -> None:
    assert len(OUTCOMES) >= 30 and os.path.exists(VECTORS / "calls.json")


def test_rows_as_arrow_come_and_go() -> None:
    """A file that answers are compared with is taken from a source of the host's, too, and gives the same answer."""
    given = [vector for vector in OUTCOMES if "arrow" in vector]
    assert len(given) == 2
    for vector in given:

        class Mine(leo.Source):
            def tables(self) -> list[dict[str, Any]]:
                return [{"name": "t", "columns": [{"name": name, "type": "TEXT"} for name in names]}]

            def query(self, sql: str, params: Any) -> Any:
                return (VECTORS / vector["arrow"]).read_bytes()

        names = [column["name"] for column in vector["outcome"]["table"]["columns"]]
        with leo.open(Mine()) as mine:
            table = mine.sql(f"SELECT {', '.join(names)} FROM t").to_dict()["table"]
            assert table == vector["outcome"]["table"]
