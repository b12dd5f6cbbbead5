"""The package has what every package has, under the same names, and gives the same."""

from __future__ import annotations

import inspect
import json
from typing import Any

import askleo
from askleo import Leo, LeoError, Reply

from shop import OUTCOMES, SURFACE, VECTORS, Case, kind

# Options of calls that are made without a record of them, and records of what is no call.
RECORDS = {
    "ask": "AskOptions",
    "ask_query": "AskOptions",
    "ask_stream": "AskOptions",
    "sql": "SqlOptions",
    "sql_stream": "SqlOptions",
    "vet": "SqlOptions",
    "lineage": "SqlOptions",
    "catalog": "CatalogOptions",
    "search": "SearchOptions",
    "map": "MapOptions",
    "map_table": "MapTableOptions",
    "map_graph": "MapGraphOptions",
    "map_quality": "MapOptions",
    "export_map": "ExportMapOptions",
    "sync": "SyncOptions",
    "sync_stream": "SyncOptions",
    "sync_status": "SyncStatusOptions",
    "resolve_failed": "ResolveFailedOptions",
    "knowledge": "KnowledgeOptions",
    "knowledge_at": "KnowledgeOptions",
    "set_knowledge": "ChangeKnowledgeOptions",
    "import_knowledge": "ChangeKnowledgeOptions",
    "check_knowledge": "KnowledgeOptions",
    "export_knowledge": "KnowledgeOptions",
    "personal_review": "KnowledgeOptions",
    "sessions.pin": "PinOptions",
    "decide_personal": "KnowledgeOptions",
    "evaluate": "EvaluateOptions",
    "evaluation_html": "EvaluationHtmlOptions",
    "set_execution": "SetExecutionOptions",
    "settings": "SettingsOptions",
    "sources.disconnect": "DisconnectOptions",
}

TRAITS = {
    "authorizer": "Authorizer",
    "audit": "AuditSink",
    "resolver": "Resolver",
    "credentials": "Credentials",
    "storage": "Storage",
    "clock": "Clock",
    "model": "Model",
    "embedder": "Embedder",
    "source": "HostSource",
}


def parameters(function: Any) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in ("self", "cls")]


def fields(record: str) -> list[str]:
    return parameters(getattr(askleo, record).__init__)


def method(call: str) -> str:
    return call.replace(".", "_")


def public(owner: type) -> set[str]:
    return {name for name, value in vars(owner).items() if not name.startswith("_") and callable(getattr(owner, name))}


class Surface(Case):
    def test_each_call_is_a_method(self) -> None:
        self.assertGreater(len(SURFACE["calls"]), 20)
        for name, call in SURFACE["calls"].items():
            with self.subTest(name):
                names = parameters(getattr(Leo, method(name)))
                if name == "sources.add":
                    self.assertEqual(names, ["source"])
                    self.assertEqual(set(fields("SourceOptions")), set(call["options"]))
                    continue
                self.assertEqual(names, call["arguments"] + (["options"] if call["options"] else []))
                if call["options"]:
                    self.assertEqual(set(fields(RECORDS[name])), set(call["options"]))

    def test_there_are_no_other_methods(self) -> None:
        calls = {method(name) for name in SURFACE["calls"]}
        self.assertEqual(public(Leo), calls | {"open", "build", "sample", "for_user", "call"})

    def test_what_makes_a_handle(self) -> None:
        self.assertEqual(set(fields("OpenOptions")), set(SURFACE["open"]["options"]))
        self.assertEqual(set(fields("BuildOptions")), set(SURFACE["build"]["options"]))
        context = SURFACE["for_user"]
        self.assertEqual(fields("UserContext"), context["arguments"] + context["options"])

    def test_parts_and_their_methods(self) -> None:
        self.assertEqual(set(TRAITS), set(SURFACE["parts"]))
        self.assertEqual(set(fields("Parts")), set(SURFACE["parts"]) - {"source"} | {"sources"})
        for part, methods in SURFACE["parts"].items():
            trait = getattr(askleo, TRAITS[part])
            found = {name: parameters(getattr(trait, name)) for name in public(trait)}
            self.assertEqual(found, methods, part)

    def test_errors_statuses_events_and_forms(self) -> None:
        errors = [value for value in vars(LeoError).values() if isinstance(value, type) and issubclass(value, LeoError)]
        self.assertEqual([kind(error(None)) for error in errors], SURFACE["errors"])
        self.assertEqual([status.name.lower() for status in askleo.Status], SURFACE["statuses"])
        events = {name.lower() for name, value in vars(askleo.Event).items() if isinstance(value, type)}
        self.assertEqual(events, set(SURFACE["events"]) - {"error"})
        for owner, forms in ((askleo.Answer, "answer_forms"), (askleo.Table, "table_forms")):
            found = {name.removeprefix("to_") for name in public(owner) if name.startswith("to_")} - {"ipc"}
            self.assertEqual(found, set(SURFACE[forms]))


def told(answer: askleo.Answer) -> dict[str, Any]:
    """What is compared of an answer."""
    data = json.loads(answer.json())
    found = {name: data.get(name) for name in ("status", "sql", "params", "table", "truncated")}
    chart = data.get("chart")
    return {**found, "text": answer.text(), "chart": chart and chart["kind"]}


def without_time(data: Any) -> Any:
    return {name: value for name, value in data.items() if name != "micros"} if isinstance(data, dict) else data


def failed(error: LeoError) -> dict[str, Any]:
    return {"error": {"kind": kind(error), "message": error.info.message, "findings": json.loads(error.info.findings)}}


def as_text(name: str, value: Any) -> Any:
    """An argument as a record takes it."""
    return json.dumps(value) if name in ("settings", "params", "query", "knowledge") else value


class Outcomes(Case):
    async def test_a_call_gives_what_it_gives_everywhere(self) -> None:
        self.assertGreaterEqual(len(OUTCOMES), 30)
        company = await Leo.sample()
        for vector in OUTCOMES:
            with self.subTest(vector["call"], arguments=vector["arguments"]):
                try:
                    reply = await company.call(vector["call"], json.dumps(vector["arguments"]))
                except LeoError as error:
                    self.assertEqual(failed(error), vector["outcome"])
                    continue
                if isinstance(reply, Reply.ANSWER):
                    self.assertEqual(told(reply.answer), vector["outcome"])
                    table = reply.answer.table()
                    self.assertEqual(table and json.loads(table.rows()), table and vector["outcome"]["table"]["rows"])
                    if "arrow" in vector:
                        self.assertEqual(table.to_ipc(), (VECTORS / vector["arrow"]).read_bytes())
                else:
                    data = json.loads(reply.json) if isinstance(reply, Reply.DATA) else None
                    self.assertEqual({"json": without_time(data)}, vector["outcome"])

    async def test_methods_and_records_give_the_same(self) -> None:
        company = await Leo.sample()
        made = refused = 0
        for vector in OUTCOMES:
            call = SURFACE["calls"][vector["call"]]
            given = {name: as_text(name, value) for name, value in vector["arguments"].items()}
            with self.subTest(vector["call"], arguments=given):
                try:
                    arguments = [given.pop(name) for name in call["arguments"]]
                    if vector["call"] == "sources.add":
                        arguments.append(askleo.SourceOptions(**given))
                    elif given:
                        arguments.append(getattr(askleo, RECORDS[vector["call"]])(**given))
                    reply = await getattr(company, method(vector["call"]))(*arguments)
                except LeoError as error:
                    made += 1
                    self.assertEqual(failed(error), vector["outcome"])
                except (KeyError, TypeError, ValueError, AttributeError):
                    # What has another type is stopped by the language; what comes as data is refused by the library.
                    refused += 1
                    self.assertEqual(vector["outcome"]["error"]["kind"], "config")
                else:
                    made += 1
                    found = told(reply) if isinstance(reply, askleo.Answer) else {"json": without_time(json.loads(reply))}
                    self.assertEqual(found, vector["outcome"])
        self.assertGreater(made, 30)
        self.assertEqual(made + refused, len(OUTCOMES))
