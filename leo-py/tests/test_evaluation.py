"""Suites of questions: asked, scored, bounded, compared, and shown as a page."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

import askleo as leo

SUITE = """
tags: [orders]
questions:
  - { id: all, question: How many orders are there?, gold: SELECT count(*) FROM orders }
  - { id: north, question: How many orders are there in the north region?, value: 2, tags: [orders, regions] }
  - { id: wrong, question: total amount of orders, gold: SELECT 4711 + sum(amount) FROM orders }
  - { id: none, question: Who is the tallest? }
"""


def right(run: Any) -> dict[str, bool]:
    return {result["id"]: result["correct"] for result in run["questions"]}


def test_a_suite_is_asked_and_scored(shop: Path) -> None:
    with leo.open(shop) as db:
        run = db.evaluate(SUITE, gates={"execution_match": 0.5, "coverage": 0.75})
    report = run["report"]
    assert right(run) == {"all": True, "north": True, "wrong": False, "none": True}
    assert (report["questions"], report["answered"], report["execution_match"]) == (4, 3, 0.75)
    assert report["per_tag"]["regions"] == {"questions": 1, "correct": 1.0}
    assert report["unanswerable_recognised"] == 1.0
    wrong = run["questions"][2]
    assert (wrong["status"], wrong["mismatch"], wrong["db"]) == ("answered", "values", "")
    assert run["missed"] == [] and "comparison" not in run
    # What is right is the suite's, and in no result.
    assert "4711" not in json.dumps(run)


def test_a_bound_that_is_not_held_is_told(shop: Path) -> None:
    with leo.open(shop) as db:
        run = db.evaluate(SUITE, limit=3, gates={"execution_match": 0.9, "cost_usd": 1.0})
        assert run["report"]["questions"] == 3
        assert run["missed"] == [
            "right of all is 66.7 %, and has to be 90.0 % at least",
            "cost was not measured, and may be 1 USD at most",
        ]
        with pytest.raises(leo.ConfigError, match="give the earlier run as `baseline`"):
            db.evaluate(SUITE, gates={"allowed_drop": 0.0})
        with pytest.raises(leo.ConfigError, match="did you mean `execution_match`"):
            db.evaluate(SUITE, gates={"execution_mach": 0.9})  # type: ignore[arg-type]


def test_two_runs_are_compared(shop: Path, tmp_path: Path) -> None:
    kept = tmp_path / "run.json"
    with leo.open(shop) as db:
        kept.write_text(json.dumps(db.evaluate(SUITE)))
    with leo.open(shop) as db:
        earlier = json.loads(kept.read_text())
        worse = SUITE.replace("value: 2", "value: 3")
        run = db.evaluate(worse, baseline=earlier, gates={"allowed_drop": 0.1})
        comparison = run["comparison"]
        assert [change["id"] for change in comparison["broken"]] == ["north"] and comparison["fixed"] == []
        assert (comparison["before"], comparison["after"], comparison["significance"]["b"]) == (0.75, 0.5, 1)
        assert comparison["broken"][0]["after"]["status"] == "answered"
        assert run["missed"] == [
            "right answers fell from 75.0 % to 50.0 %, and may fall by 10.0 % at most; the difference could be chance: p = 1.000"
        ]
        back = db.compare_evaluations(run, earlier)
        assert [change["id"] for change in back["fixed"]] == ["north"] and back["broken"] == []
        with pytest.raises(leo.ConfigError, match="`after` of `compare_evaluations` is no evaluation"):
            db.compare_evaluations(earlier, {"questions": "s3cret"})


def test_a_run_is_a_page(shop: Path) -> None:
    with leo.open(shop) as db:
        run = json.loads(json.dumps(db.evaluate(SUITE, gates={"execution_match": 0.9})))
        page = db.evaluation_html(run, title="Shop <questions>")
        assert page.startswith("<!doctype html>") and "<h1>Shop &lt;questions&gt;</h1>" in page
        assert "3 of 4 questions are right" in page and "Bounds that are not held" in page
        assert "4711" not in page and "it is not kept with results" in page
        assert "SELECT 4711 + sum(amount) FROM orders" in db.evaluation_html(run, suite=SUITE)


def test_a_suite_is_text_data_or_a_file(shop: Path, tmp_path: Path) -> None:
    question = "How many orders are there?"
    path = tmp_path / "own.yaml"
    path.write_text(SUITE)
    lines = tmp_path / "own.jsonl"
    lines.write_text(json.dumps({"question": question, "value": 3}))
    with leo.open(shop, id="shop") as db:
        assert right(db.evaluate(path)) == right(db.evaluate({"path": str(path)})) == right(db.evaluate(SUITE))
        rows = [{"question": question, "value": 3}]
        given: list[Any] = [rows, tuple(rows), {"questions": rows, "match": "set"}, json.dumps(rows), json.dumps(rows[0]), lines]
        for suite in given:
            run = db.evaluate(suite, source="shop")
            assert (right(run), run["questions"][0]["db"]) == ({0: True}, "shop")
        with pytest.raises(leo.MalformedError, match="row 1 of the suite has the unknown key `glod`; do you mean `gold`"):
            db.evaluate([{"question": question, "glod": "SELECT 1"}])
        with pytest.raises(leo.MalformedError, match="neither a list of rows"):
            db.evaluate(7)  # type: ignore[arg-type]
        with pytest.raises(leo.NotFoundError, match="no suite with this name"):
            db.evaluate(tmp_path / "none.yaml")
        with pytest.raises(leo.MalformedError, match="no question"):
            db.evaluate("")


def test_conversations_are_asked_as_such_and_leave_nothing_behind(shop: Path) -> None:
    turns = [
        {"question": "How many orders are there?", "value": 3},
        {"question": "only those in the north region", "value": 2},
    ]
    with leo.open(shop) as db:
        run = db.evaluate([{"turns": turns}])
        assert [result["correct"] for result in run["questions"]] == [True, True]
        assert run["report"]["per_turn"]["2"] == {"questions": 1, "correct": 1.0}
        assert db.sessions.list() == []
        # What has turns comes back as it went.
        assert db.compare_evaluations(run, db.evaluate([{"turns": turns}]))["questions"] == 2
        assert not db.evaluate([{"turns": turns}], one_by_one=True)["questions"][1]["correct"]


def test_it_is_asked_as_the_user(shop: Path) -> None:
    """References and answers see what the user may see, and both are on record as the user's."""
    seen: list[Any] = []

    class Audit:
        def append(self, events: list[Any]) -> None:
            seen.extend(events)

        def flush(self) -> None:
            pass

    def authorize(ctx: Any, request: Any) -> Any:
        if ctx["user"] == "eve":
            raise leo.DeniedError("you are no member here")
        return {"tables": {"orders": {"row_filter": "region = :region"}}}

    suite = [
        {"id": "count", "question": "How many orders are there?", "value": 2},
        {"id": "gold", "question": "How many orders are there?", "gold": "SELECT count(*) FROM orders"},
    ]
    with leo.Leo(sources=[{"place": shop, "id": "shop", "execution": True}], authorizer=authorize, audit=Audit()) as db:
        runs = {
            user: db.for_user("acme", user, attributes={"region": region}).evaluate(suite)
            for user, region in (("nora", "north"), ("sven", "south"), ("eve", "north"))
        }
        with pytest.raises(leo.ConfigError):
            db.evaluate(suite)
    assert right(runs["nora"]) == {"count": True, "gold": True}
    # There is one order in the south, for the reference as for the answer.
    assert right(runs["sven"]) == {"count": False, "gold": True}
    assert {result["status"] for result in runs["eve"]["questions"]} == {"error:denied"}
    scored = [event for event in seen if event.get("purpose") == "eval" and event["action"] == "statement"]
    assert {event["user"] for event in scored} == {"nora", "sven"}
    assert all("region" in event["sql"] for event in scored)


def test_async(shop: Path) -> None:
    async def run() -> None:
        async with await leo.AsyncLeo.open(shop) as db:
            run = await db.evaluate(SUITE, workers=1)
            assert run["report"]["execution_match"] == 0.75
            assert (await db.compare_evaluations(run, run))["questions"] == 4
            assert "<h1>Evaluation</h1>" in await db.evaluation_html(run)

    asyncio.run(run())
