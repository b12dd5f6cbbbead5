"""What a type checker knows of the package. Checked by mypy alone, and never run; an unneeded `ignore` is an error, too."""

from __future__ import annotations

import pathlib
from collections.abc import Sequence

from typing_extensions import assert_type

import askleo as leo
from askleo.types import output
from askleo.types.input import SettingsLayer


def questions(handle: leo.Leo) -> None:
    answer = handle.ask("monthly sales in 2024", as_of="2024-12-31", settings={"ask": {"max_rows": 100}, "guard.row_cap": 500})
    if answer.status == "clarify" and answer.clarification:
        option = answer.clarification["options"][0]
        query = option["query"]
        handle.ask(option["label"], session="asked back") if query is None else handle.ask_query(query)
    if answer.status == "clarified":  # type: ignore[comparison-overlap]
        pass
    assert_type(answer.warnings, "list[output.AnswerWarning]")
    handle.ask("monthly sales", settings={"ask": {"max_row": 100}})  # type: ignore[arg-type]
    layer: SettingsLayer = {"privacy": {"min_group_size": "five"}}  # type: ignore[typeddict-item]
    handle.set_tenant_settings(layer)
    handle.ask_query({"from": {"name": "orders"}, "measures": [{"aggregate": "count_rows"}]})


def data(handle: leo.Leo) -> Sequence[str]:
    vetting = handle.vet("SELECT 1")
    assert_type(vetting["verdict"], output.Verdict)
    vetting["verdit"]  # type: ignore[typeddict-item]
    for finding in vetting["findings"]:
        print(finding["rule"], finding["message"])
    catalog = handle.catalog()
    assert_type(catalog["tables"][0]["columns"][0]["name"], str)
    tables = [hit.get("table") for hit in handle.search("customer")]
    return [table["name"] for table in tables if table is not None]


def suites(handle: leo.Leo) -> None:
    run = handle.evaluate([{"question": "How many orders?", "value": 3}], gates={"execution_match": 0.9}, workers=4)
    assert_type(run, output.Evaluation)
    assert_type(run["report"]["execution_match"], float)
    for result in run["questions"]:
        assert_type(result["correct"], bool)
        result["gold"]  # type: ignore[typeddict-item]
    assert_type(handle.compare_evaluations(run, run), output.RunComparison)
    print(handle.evaluation_html(run, suite=pathlib.Path("questions.yaml")), run.get("missed") or [])
    handle.evaluate("- { question: How many orders? }", gates={"execution_mach": 0.9})  # type: ignore[arg-type]


def events(handle: leo.Leo) -> None:
    for event in handle.ask_stream("monthly sales"):
        if event["event"] == "answer":
            assert_type(event["answer"], leo.Answer)
        elif event["event"] == "finished":
            assert_type(event["us"], int)
    for step in handle.sync_stream():
        if step["event"] == "progress":
            print(step["stage"], step["done"], step["total"])
        else:
            assert_type(step["catalog"], output.Catalog)


async def awaited(handle: leo.AsyncLeo) -> None:
    assert_type(await handle.vet("SELECT 1"), output.Vetting)
    async for event in handle.ask_stream("monthly sales"):
        if event["event"] == "answer":
            assert_type(event["answer"], leo.Answer)
