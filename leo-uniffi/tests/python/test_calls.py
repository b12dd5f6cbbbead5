"""Calls, answers, rows and errors."""

from __future__ import annotations

import asyncio
import json
import time

import askleo
from askleo import (
    AskOptions,
    ChartForm,
    CsvOptions,
    DisconnectOptions,
    Leo,
    LeoError,
    MarkdownOptions,
    OpenOptions,
    SearchOptions,
    SourceOptions,
    SqlOptions,
    Status,
    SyncOptions,
    TextOptions,
    UserContext,
    Value,
)

from shop import SLOW, Case, kind, rows


class Answers(Case):
    async def test_a_question(self) -> None:
        company = await Leo.sample()
        answer = await company.ask("revenue by month in 2024", AskOptions(max_rows=5))
        self.assertEqual(answer.status(), Status.ANSWERED)
        self.assertEqual((answer.row_count(), answer.truncated()), (5, True))
        self.assertIn("SELECT", answer.sql() or "")
        self.assertEqual(json.loads(answer.params()), ["2024-01-01", "2025-01-01"])
        self.assertIn("'2024-01-01'", answer.sql_with_values() or "")
        self.assertEqual(str(answer), answer.to_text())
        self.assertIn("<section", answer.to_html())
        self.assertIn("$schema", json.loads(answer.chart(ChartForm.VEGA_LITE) or "{}"))
        self.assertIn("series", json.loads(answer.chart(ChartForm.ECHARTS) or "{}"))
        self.assertTrue((answer.svg() or "").startswith("<svg"))
        narrow = answer.to_text(TextOptions(width=40, chart=False))
        self.assertLessEqual(max(map(len, narrow.splitlines())), 40)
        answer.raise_for_status()

    async def test_a_question_without_an_answer(self) -> None:
        company = await Leo.sample()
        answer = await company.ask("What is the meaning of life?")
        self.assertNotEqual(answer.status(), Status.ANSWERED)
        self.assertIsNone(answer.table())
        self.assertIsNone(answer.chart(ChartForm.VEGA_LITE))
        with self.assertRaises(LeoError.Unsupported):
            answer.raise_for_status()

    async def test_rows_and_cells(self) -> None:
        company = await Leo.sample()
        text = "SELECT 1.5 AS half, NULL AS none, 'x' AS text, 9007199254740993 AS big, x'00ff' AS raw"
        table = (await company.sql(text)).table()
        assert table is not None
        self.assertEqual(table.columns(), ["half", "none", "text", "big", "raw"])
        self.assertEqual((table.row_count(), len(table.types())), (1, 5))
        cells = [table.cell(0, column) for column in range(5)]
        self.assertEqual([cells[0].value, cells[2].value, cells[3].value, cells[4].value], [1.5, "x", 9007199254740993, b"\x00\xff"])
        self.assertIsInstance(cells[1], Value.NULL)
        self.assertIsNone(table.cell(1, 0))
        self.assertIsNone(table.cell(0, 2**63))
        self.assertEqual(table.to_ipc()[:4], b"\xff\xff\xff\xff")
        self.assertTrue(table.to_csv(CsvOptions(delimiter=";", header=False)).startswith("1.5;;x;"))
        self.assertIn("| half |", table.to_markdown(MarkdownOptions(max_rows=1)))
        self.assertEqual(json.loads(table.to_json_lines())["text"], "x")
        with self.assertRaises(LeoError.Config):
            table.to_csv(CsvOptions(delimiter="x"))


class Handles(Case):
    async def test_each_call_can_be_made(self) -> None:
        leo = await Leo.open(self.shop, OpenOptions(id="shop"))
        self.assertEqual(rows(await leo.ask("how many orders?")), [[3]])
        self.assertEqual(json.loads(await leo.vet("SELECT id FROM orders"))["verdict"], "allow")
        self.assertEqual(json.loads(await leo.lineage("SELECT id FROM orders"))[0]["name"], "id")
        self.assertIn("orders", await leo.catalog())
        self.assertLessEqual(len(json.loads(await leo.search("orders", SearchOptions(limit=1)))), 1)
        self.assertEqual(json.loads(await leo.map())["source"], "shop")
        detail = json.loads(await leo.map_table("orders", askleo.MapTableOptions(sample=2)))
        self.assertEqual(len(detail["sample"]["rows"]), 2)
        self.assertEqual(len(json.loads(await leo.map_graph(askleo.MapGraphOptions(around="orders", joins=0)))["nodes"]), 1)
        self.assertIsInstance(json.loads(await leo.map_quality())["tables"], list)
        self.assertIn("<!doctype html>", json.loads(await leo.export_map("html")).lower())
        self.assertIn("orders", await leo.sync(SyncOptions(include=["*orders*"], profile=False)))
        self.assertEqual(json.loads(await leo.sync_status())["state"], "completed")
        self.assertEqual(json.loads(await leo.run_due()), [])
        self.assertEqual(json.loads(await leo.knowledge())["version"], 0)
        self.assertEqual(json.loads(await leo.import_knowledge("tables: { orders: { favourite: true } }")), 1)
        self.assertEqual(json.loads(await leo.check_knowledge("tables: { ordres: { favourite: true } }"))[0]["line"], 1)
        self.assertIn("favourite", json.loads(await leo.export_knowledge()))
        self.assertEqual(json.loads(await leo.set_knowledge("{}", askleo.ChangeKnowledgeOptions(expected=1))), 2)
        self.assertEqual(json.loads(await leo.knowledge_at(1))["changed_by"], "local")
        self.assertIsInstance(json.loads(await leo.personal_review()), list)
        self.assertEqual(json.loads(await leo.decide_personal("[]")), 2)
        with self.assertRaises(askleo.LeoError.NotFound):
            await leo.resolve_failed("retry", askleo.ResolveFailedOptions(tables=["orders"]))
        suite = "- { question: How many orders are there?, gold: SELECT count(*) FROM orders }\n- { question: Who is the tallest? }"
        run = await leo.evaluate(suite, askleo.EvaluateOptions(gates='{"coverage": 1.0}', workers=1))
        self.assertEqual(json.loads(run)["report"]["execution_match"], 1.0)
        self.assertEqual(json.loads(run)["missed"], ["coverage is 50.0 %, and has to be 100.0 % at least"])
        again = json.loads(await leo.evaluate(suite, askleo.EvaluateOptions(baseline=run, limit=1)))
        self.assertEqual([question["question"] for question in again["comparison"]["missing_questions"]], ["Who is the tallest?"])
        self.assertEqual(json.loads(await leo.compare_evaluations(json.dumps(again), run))["added"], 1)
        page = await leo.evaluation_html(run, askleo.EvaluationHtmlOptions(title="Shop", suite=suite))
        self.assertIn("<h1>Shop</h1>", page)
        with self.assertRaises(askleo.LeoError.NotFound):
            await leo.evaluate('{"path": "/nowhere/at/all.yaml"}')
        self.assertGreater(len(json.loads(await leo.settings())), 5)
        await leo.set_tenant_settings('{"calendar": {"fiscal_year_start": 4}}')
        self.assertTrue(json.loads(await leo.recent_audit()))
        self.assertIsNone(await leo.audit_notice())
        await leo.set_execution(False)
        self.assertEqual((await leo.ask("how many orders?")).status(), Status.NOT_EXECUTED)

    async def test_sources_are_added_and_removed(self) -> None:
        leo = await Leo.build(askleo.BuildOptions(preset="local"))
        await leo.sources_add(SourceOptions(place=self.shop, id="first"))
        self.assertEqual([source["id"] for source in json.loads(await leo.sources_list())], ["first"])
        self.assertEqual(json.loads(await leo.sources_test("first"))["tables_found"], 2)
        self.assertEqual(json.loads(await leo.sources_status("first"))["state"], "connected")
        self.assertEqual(await leo.sources_disconnect("first", DisconnectOptions(wait_ms=10)), 0)
        await leo.sources_update("first", json.dumps({"engine": "sqlite", "path": self.shop}))
        await leo.sources_update("first", self.shop)
        await leo.sources_remove("first")
        self.assertEqual(await leo.sources_list(), "[]")

    async def test_a_clarification_is_answered(self) -> None:
        leo = await Leo.open(self.shop)
        query = {"source": "orders", "measures": [{"aggregate": "count"}]}
        self.assertIn((await self.error(leo.ask_query(json.dumps(query))))[0], ("config", "malformed"))

    async def test_a_cancelled_task_ends_its_statement(self) -> None:
        leo = await Leo.open(self.shop)
        task = asyncio.ensure_future(leo.sql(SLOW, SqlOptions(timeout_ms=60_000)))
        await asyncio.sleep(0.3)
        self.assertFalse(task.done())
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        await asyncio.sleep(0.5)
        busy = time.process_time()
        await asyncio.sleep(0.5)
        self.assertLess(time.process_time() - busy, 0.25, "the statement still runs")
        self.assertEqual(rows(await leo.sql("SELECT count(*) FROM orders")), [[3]])

    async def test_many_at_once(self) -> None:
        leo = await Leo.open(self.shop)
        answers = await asyncio.gather(*(leo.ask("how many orders?") for _ in range(20)))
        self.assertEqual([rows(answer) for answer in answers], [[[3]]] * 20)

    def test_what_a_build_has(self) -> None:
        features = json.loads(askleo.features())
        self.assertLessEqual({"sqlite", "files", "postgres", "mysql", "mssql"}, set(features["sources"]))


class Mistakes(Case):
    async def test_text_that_should_be_json(self) -> None:
        leo = await Leo.open(self.shop)
        self.assertEqual(
            await self.error(leo.ask("q", AskOptions(settings="{s3cret"))),
            ("config", "`settings` of `ask` is no JSON; look at line 1, column 2 of it"),
        )
        self.assertEqual((await self.error(leo.ask_query("")))[0], "config")
        self.assertEqual((await self.error(leo.call("ask", "[")))[1], "the arguments of a call are an object in JSON")
        kind, message = await self.error(leo.call("ask", '{"question": "q", "max_row": 3}'))
        self.assertEqual((kind, message), ("config", "`ask` has no option `max_row`; did you mean `max_rows`?"))
        kind, message = await self.error(leo.call("aks", "{}"))
        self.assertTrue(message.endswith("did you mean `ask`?"), message)

    async def test_values_of_another_type(self) -> None:
        leo = await Leo.open(self.shop)
        with self.assertRaises(TypeError):
            await leo.ask(7)  # type: ignore[arg-type]
        with self.assertRaises((TypeError, ValueError)):
            await leo.ask("q", AskOptions(max_rows=-1))
        with self.assertRaises((TypeError, AttributeError)):
            await leo.ask("q", {"max_rows": 1})  # type: ignore[arg-type]
        with self.assertRaises(TypeError):
            AskOptions(max_row=1)  # type: ignore[call-arg]

    async def test_places_that_are_none(self) -> None:
        missing = str(self.folder / "nothing.db")
        self.assertEqual((await self.error(Leo.open(missing)))[0], "not_found")
        self.assertEqual((await self.error(Leo.open("gopher://nowhere")))[0], "config")
        wrong = OpenOptions(settings='{"guard": {"row_cpa": 1}}')
        self.assertEqual((await self.error(Leo.open(self.shop, wrong)))[0], "config")
        broken = askleo.BuildOptions(sources=[SourceOptions(place=self.shop, settings="{")])
        self.assertEqual(
            (await self.error(Leo.build(broken)))[1], "`settings` of `sources` is no JSON; look at line 1, column 1 of it"
        )

    async def test_a_handle_that_is_closed(self) -> None:
        leo = await Leo.open(self.shop)
        await leo.close()
        self.assertEqual((await self.error(leo.ask("how many orders?")))[0], "closed")
        tenants = await self.tenants()
        user = tenants.for_user(UserContext(tenant="acme", user="ada"))
        await tenants.close()
        self.assertEqual((await self.error(user.ask("how many orders?")))[0], "closed")

    async def test_what_an_error_says(self) -> None:
        leo = await Leo.open(self.shop)
        with self.assertRaises(LeoError.Rejected) as caught:
            await leo.sql("DELETE FROM orders")
        self.assertEqual(kind(caught.exception), "rejected")
        self.assertTrue(json.loads(caught.exception.info.findings))
        self.assertFalse(caught.exception.info.retryable)
        with self.assertRaises(LeoError.Config):
            leo.for_user(UserContext(tenant="", user="u"))
        with self.assertRaises(LeoError.Timeout) as late:
            await leo.sql(SLOW, SqlOptions(timeout_ms=100))
        self.assertTrue(late.exception.info.retryable)
        self.assertIn(late.exception.info.message, str(late.exception))
