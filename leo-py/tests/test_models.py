"""Models behind services, their cassettes and costs, against a service on loopback that speaks OpenAI's Responses."""

from __future__ import annotations

import datetime
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import askleo as leo

SQL = "SELECT max(minutes) - min(minutes) AS spread FROM rides"
QUESTION = "interquartile spread of the minutes, please"


class Service:
    """Answers every request with one statement, and remembers what it was asked."""

    def __init__(self) -> None:
        asked: list[dict[str, Any]] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                text = json.dumps({"sql": SQL, "params": []})
                body = {
                    "status": "completed",
                    "model": "gpt-5-mini",
                    "output": [{"type": "message", "content": [{"type": "output_text", "text": text}]}],
                    "usage": {"input_tokens": 1000, "output_tokens": 50},
                }
                told = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(told)))
                self.end_headers()
                self.wfile.write(told)

            def log_message(self, *_: Any) -> None:
                pass

        self.asked = asked
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/v1"


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.server.shutdown()


@pytest.fixture
def rides(tmp_path: Path) -> Path:
    path = tmp_path / "rides.csv"
    path.write_text("ride,city,minutes\n1,Oslo,12\n2,Oslo,48\n3,Rome,9\n")
    return path


def test_a_model_is_named(service: Service, rides: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", service.url)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hunter2")
    with leo.open(rides, model="openai") as db:
        answer = db.ask(QUESTION)
        assert (answer.status, answer.provenance["planner"], answer.provenance["model"]) == ("answered", "model", "gpt-5-mini")
        assert answer.table is not None and answer.table.rows()[0][0] == 39
        usage = answer.usage
        assert (usage["model_calls"], usage["input_tokens"], usage["output_tokens"]) == (1, 1000, 50)
        assert usage["cost_usd"] == pytest.approx(1000 * 0.25e-6 + 50 * 2e-6)
        today = datetime.datetime.now(datetime.timezone.utc).date()
        [spent] = db.model_spending(today - datetime.timedelta(days=1), today)
        assert (spent["user"], spent["model"], spent["requests"], spent["cost_micro_usd"]) == ("local", "openai:gpt-5-mini", 1, 350)
        [figures] = db.model_statistics()
        assert (figures["model"], figures["requests"], figures["breaker"]) == ("openai:gpt-5-mini", 1, "closed")
        assert any("no answer" in decision for decision in answer.explain["decisions"])
    assert service.asked[0]["store"] is False and "hunter2" not in json.dumps(service.asked)


def test_a_model_by_its_fields_and_behind_another(service: Service, rides: Path) -> None:
    fields = {"protocol": "openai", "model": "gpt-5-mini", "base_url": service.url, "api_key": "sk-hunter2", "output": "text"}

    def down(ctx: Any, request: Any) -> Any:
        raise leo.UnavailableError("not today")

    with leo.open(rides, model=[down, fields]) as db:
        answer = db.ask(QUESTION)
        assert answer.status == "answered" and answer.usage["model_calls"] == 4
    with pytest.raises(leo.ConfigError, match="your own"):
        leo.open(rides, model=[down, down])
    with pytest.raises(leo.ConfigError):
        leo.open(rides, model="grok")
    with pytest.raises(leo.DeniedError, match="source-only"):
        leo.open(rides, model=fields, settings={"network.mode": "source-only"})


def test_what_a_model_says_is_recorded_and_played(service: Service, rides: Path, tmp_path: Path) -> None:
    fields = {"protocol": "openai", "model": "gpt-5-mini", "base_url": service.url}
    cassette = leo.testing.Cassette(tmp_path / "cassette", fields)
    with leo.open(rides, model=cassette, as_of="2024-06-30") as db:
        first = db.ask(QUESTION)
    assert len(service.asked) == 1
    with leo.open(rides, model=cassette, as_of="2024-06-30") as db:
        second = db.ask(QUESTION)
        assert (second.sql, second.text) == (first.sql, first.text)
        assert len(service.asked) == 1, "it is played, not asked"
        missed = db.ask("interquartile spread of the rides, please")
        assert missed.status == "declined" and "nearest recorded" in missed.warnings[-1]["message"]


def test_a_conversation_goes_on(rides: Path) -> None:
    with leo.open(rides) as db:
        db.ask("average minutes by city", session="rides")
        answer = db.ask("only Oslo", session="rides")
        assert answer.status == "answered" and answer.table is not None and len(answer.table.rows()) == 1
        [info] = db.sessions.list()
        assert (info["id"], info["title"], info["turns"]) == ("rides", "average minutes by city", 2)
        assert db.sessions.pin("rides")["pinned"] and db.sessions.rename("rides", "Oslo")["title"] == "Oslo"
        assert "only Oslo" in db.sessions.export("rides", "markdown")
        db.sessions.delete("rides")
        assert db.sessions.list() == []
        with pytest.raises(leo.NotFoundError):
            db.sessions.get("rides")


def test_a_question_waits_for_its_model(rides: Path) -> None:
    down = True

    def complete(ctx: dict[str, Any], request: dict[str, Any]) -> dict[str, Any]:
        if down:
            raise leo.UnavailableError("no answer")
        return {"output": {"sql": SQL, "params": []}}

    with leo.open(rides, model=complete, settings={"ask.on_overload": "queue"}) as db:
        answer = db.ask(QUESTION)
        assert answer.status == "queued" and answer.ticket is not None and answer.ran_at is None
        assert answer.ticket["reason"] == "model_down" and "redeem its ticket" in answer.text
        [ticket] = db.tickets.list()
        assert db.tickets.get(ticket["id"])["question"] == QUESTION
        down = False
        answer = db.tickets.redeem(ticket["id"])
        assert answer.status == "answered" and answer.ran_at is not None
        with pytest.raises(leo.NotFoundError):
            db.tickets.cancel(ticket["id"])


def test_observers_hear_of_models(rides: Path, service: Service) -> None:
    fields = {"protocol": "openai", "model": "gpt-5-mini", "base_url": service.url}
    with leo.open(rides, model=fields) as db:
        events = list(db.ask_stream(QUESTION))
    told = [(event["event"], event.get("purpose")) for event in events if event["event"].startswith("model")]
    assert told == [("model_asked", "plan"), ("model_answered", "plan")]
