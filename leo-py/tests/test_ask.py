"""Questions, statements, and what comes back."""

from __future__ import annotations

import datetime
import decimal
import json
from pathlib import Path
from typing import Any

import pytest

import askleo as leo


def test_a_question_is_answered(company: leo.Leo) -> None:
    answer = company.ask("How many customers do we have?")
    assert (answer.status, answer.row_count) == ("answered", 1)
    assert answer.text.startswith("There are ")
    assert answer.table is not None and len(answer.table) == 1
    assert answer.sql is not None and "customers" in answer.sql
    assert answer.confidence is not None and 0 < answer.confidence <= 1
    assert answer.raise_for_status() is answer
    assert answer.text in repr(answer)


def test_an_answer_is_plain_data(company: leo.Leo) -> None:
    answer = company.ask("revenue by month in 2024")
    data = answer.to_dict()
    assert json.loads(answer.to_json()) == data
    assert data["status"] == answer.status and data["narrative"] == answer.narrative
    assert len(data["table"]["rows"]) == len(answer.table)


def test_what_is_no_question_about_data_has_a_status(company: leo.Leo) -> None:
    answer = company.ask("What is the meaning of life?")
    assert answer.status in ("declined", "not_data_question")
    assert answer.table is None and answer.chart is None and answer.refusal is not None
    with pytest.raises(leo.UnsupportedError):
        answer.raise_for_status()


def test_options_by_name(company: leo.Leo) -> None:
    answer = company.ask("revenue by customer", max_rows=3, timeout_ms=5_000, settings={"ask": {"timeout_ms": 4_000}})
    assert answer.row_count == 3 and answer.truncated
    day = company.ask("revenue this month", as_of=datetime.date(2024, 6, 15))
    assert "2024-06" in json.dumps(day.explain)


def test_values_keep_their_types(shop: Path) -> None:
    with leo.open(shop) as db:
        table = db.sql("SELECT id, day, amount, note FROM orders ORDER BY id").table
        assert table.columns == ["id", "day", "amount", "note"]
        assert table[0][0] == 1 and table[0][1] == datetime.date(2024, 1, 2) and table[0][3] == "héllo"
        assert table[-1][3] == "日本" and table[1][3] is None
        assert table.rows()[0] == table[0]
        for part in (slice(0, 1), slice(None), slice(None, None, -1), slice(5, 9), slice(-2, None), slice(0, 3, 2)):
            assert table[part] == table.rows()[part]
        with pytest.raises(TypeError):
            table["region"]  # type: ignore[call-overload]
        assert [row["id"] for row in table.to_dicts()] == [1, 2, 3]
        with pytest.raises(IndexError, match="row 3 of 3"):
            table[3]


def test_parameters_of_a_statement(shop: Path) -> None:
    with leo.open(shop) as db:
        rows = db.sql(
            "SELECT id FROM orders WHERE day >= ? AND amount > ? ORDER BY id", [datetime.date(2024, 2, 1), decimal.Decimal("5.0")]
        )
        assert rows.table.rows() == [(2,)]


def test_a_dangerous_statement_is_refused(shop: Path) -> None:
    with leo.open(shop) as db:
        with pytest.raises(leo.RejectedError) as refused:
            db.sql("DELETE FROM orders")
        assert refused.value.findings and refused.value.findings[0]["rule"]
        assert db.vet("DELETE FROM orders")["verdict"] == "block"
        assert db.lineage("SELECT amount FROM orders")[0]["name"] == "amount"


def test_what_is_known_of_a_source(company: leo.Leo) -> None:
    assert {"customers", "orders"} <= {table["name"]["name"] for table in company.catalog()["tables"]}
    assert company.search("customer", limit=3)
    assert len(company.search("customer", limit=1)) == 1


def test_a_query_is_asked_again(company: leo.Leo) -> None:
    first = company.ask("revenue by month in 2024")
    again = company.ask_query(first.provenance["query"])
    assert again.table.rows() == first.table.rows()


def test_charts(company: leo.Leo) -> None:
    chart = company.ask("revenue by month in 2024").chart
    assert chart is not None
    assert chart.to_vega_lite()["$schema"].startswith("https://vega.github.io/schema/vega-lite/")
    assert "series" in chart.to_echarts()
    assert chart.to_svg().startswith("<svg")
    assert set(chart._repr_mimebundle_()) == {"application/vnd.vegalite.v5+json", "image/svg+xml", "text/plain"}


def test_the_audit_goes_to_a_file(shop: Path, tmp_path: Path) -> None:
    log = tmp_path / "audit.jsonl"
    with leo.open(shop, audit=log) as db:
        db.sql("SELECT count(*) FROM orders")
    actions = [json.loads(line)["event"]["action"] for line in log.read_text().splitlines()]
    assert "statement" in actions and "statement_outcome" in actions


def test_the_settings_in_force(company: leo.Leo) -> None:
    settings = {setting["path"]: setting for setting in company.settings()}
    assert settings["guard.row_cap"]["value"] > 0 and settings["guard.row_cap"]["set_by"] == "preset"


def test_the_sample_company_with_parts() -> None:
    calls = []

    def model(ctx: dict[str, Any], request: dict[str, Any]) -> str:
        calls.append(request["purpose"])
        return "no"

    with leo.sample(model=model, as_of="2024-06-30", settings={"ask": {"max_rows": 3}}) as company:
        assert company.ask("revenue by customer").row_count == 3
        company.ask("what would a good slogan for our tents be?")
        assert calls
    assert leo.sample_path().endswith(".db")
    with leo.open(leo.sample_path()) as same:
        assert same.ask("How many customers do we have?").row_count == 1
    with pytest.raises(leo.ConfigError, match="did you mean `settings`"):
        leo.sample(setings={})  # type: ignore[call-arg]
