"""Parts of the host's own, written in Python."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import time
from typing import Any

import askleo
from askleo import (
    BuildOptions,
    Connector,
    ErrorInfo,
    HostRows,
    Leo,
    LeoError,
    OpenOptions,
    Parts,
    SearchOptions,
    SourceOptions,
    SqlOptions,
    Status,
    Stored,
    UserContext,
)

from shop import Case, Everything, Sink, rows


class ByRegion(askleo.Authorizer):
    """Everybody sees the orders of their own region, without the notes."""

    async def authorize(self, ctx: str, request: str) -> str:
        if "member" not in json.loads(ctx)["roles"]:
            raise LeoError.Denied(ErrorInfo(message="ask Ada for access"))
        return '{"tables": {"orders": {"row_filter": "region = :region", "deny_columns": ["note"]}}}'


class Authorizers(Case):
    async def test_a_policy_of_the_hosts_own(self) -> None:
        sink = Sink()
        leo = await self.tenants(authorizer=ByRegion(), audit=sink)

        def user(name: str, region: str) -> Leo:
            attributes = json.dumps({"region": region})
            return leo.for_user(UserContext(tenant="acme", user=name, roles=["member"], attributes=attributes))

        north, south = user("nora", "north"), user("sven", "south")
        self.assertEqual(rows(await north.sql("SELECT id FROM orders ORDER BY id")), [[1], [3]])
        self.assertEqual(rows(await south.sql("SELECT id FROM orders")), [[2]])
        self.assertEqual((await self.error(north.sql("SELECT note FROM orders")))[0], "rejected")
        eve = leo.for_user(UserContext(tenant="acme", user="eve"))
        self.assertEqual(await self.error(eve.ask("how many orders?")), ("denied", "ask Ada for access"))
        self.assertEqual((await self.error(leo.ask("how many orders?")))[0], "config")
        users = {event["user"] for event in sink.events if event["action"] == "statement"}
        self.assertEqual(users, {"nora", "sven"})

    async def refused(self, returned: Any, timeout: int | None = None) -> tuple[str, str]:
        class Authorizer(askleo.Authorizer):
            async def authorize(self, ctx: str, request: str) -> Any:
                return await returned() if callable(returned) else returned

        user = await self.user({"adapter_timeout_ms": timeout}, authorizer=Authorizer())
        # What a part raises is the host's to see: the generated code prints it.
        with contextlib.redirect_stderr(io.StringIO()):
            return await self.error(user.ask("how many orders?"))

    async def test_what_a_part_raises_is_not_told_further(self) -> None:
        async def fails() -> str:
            raise KeyError("s3cret")

        kind, message = await self.refused(fails)
        self.assertEqual((kind, message), ("adapter", "`authorize` of the host failed; what it raised is not told further"))

    async def test_an_error_of_leos_keeps_its_kind(self) -> None:
        async def busy() -> str:
            raise LeoError.RateLimited(ErrorInfo(message="ask again in a minute"))

        self.assertEqual(await self.refused(busy), ("rate_limited", "ask again in a minute"))

    async def test_what_is_no_access_lets_nobody_in(self) -> None:
        for returned, said in [
            ("null", "`authorize` returned nothing"),
            ("s3cret", "what `authorize` of the host returned is not JSON"),
            ("7", "is an object of names and values, not a whole number"),
            ('{"deny_table": ["x"]}', "did you mean `deny_tables`?"),
            (7, "`authorize` of the host failed"),
            (None, "`authorize` of the host failed"),
        ]:
            with self.subTest(returned):
                kind, message = await self.refused(returned)
                self.assertEqual(kind, "adapter")
                self.assertIn(said, message)
                self.assertNotIn("s3cret", message)

    async def test_a_part_that_never_ends_is_given_up(self) -> None:
        cancelled = []

        async def hangs() -> str:
            try:
                await asyncio.sleep(3_600)
            except asyncio.CancelledError:
                cancelled.append(True)
                raise
            return "{}"

        begin = time.monotonic()
        kind, message = await self.refused(hangs, 200)
        self.assertEqual(kind, "timeout")
        self.assertIn("`authorize` of the host gave no answer within 200 ms", message)
        self.assertLess(time.monotonic() - begin, 5)
        for _ in range(20):
            await asyncio.sleep(0.05)
        self.assertEqual(cancelled, [True])

    async def test_a_part_may_ask_leo(self) -> None:
        policies = await Leo.open(self.shop)

        class Authorizer(askleo.Authorizer):
            async def authorize(self, ctx: str, request: str) -> str:
                assert rows(await policies.sql("SELECT count(*) FROM orders")) == [[3]]
                return "{}"

        user = await self.user(authorizer=Authorizer())
        self.assertEqual((await user.ask("how many orders?")).row_count(), 1)


class Sinks(Case):
    async def test_a_sink_that_fails_keeps_statements_from_running(self) -> None:
        class Full(Sink):
            async def append(self, events: str) -> None:
                raise OSError("disk full")

        user = await self.user(audit=Full())
        with contextlib.redirect_stderr(io.StringIO()):
            kind, message = await self.error(user.sql("SELECT count(*) FROM orders"))
        self.assertEqual(kind, "adapter")
        self.assertNotIn("disk", message)


class Places(Case):
    async def test_sources_come_from_the_hosts_resolver(self) -> None:
        asked = []
        places = {"shop": self.shop, "fields": json.dumps({"engine": "sqlite", "path": self.shop})}

        class Resolver(askleo.Resolver):
            async def resolve(self, ctx: str, source: str) -> str | None:
                asked.append((json.loads(ctx)["tenant"], source))
                return places.get(source)

        parts = Parts(authorizer=Everything(), audit=Sink(), resolver=Resolver())
        leo = await Leo.build(BuildOptions(execution=True), parts)
        user = leo.for_user(UserContext(tenant="acme", user="ada"))
        for source in places:
            self.assertEqual(rows(await user.sql("SELECT count(*) FROM orders", SqlOptions(source=source))), [[3]])
        self.assertEqual((await self.error(user.sql("SELECT 1", SqlOptions(source="nothing"))))[0], "not_found")
        self.assertIn(("acme", "shop"), asked)

    async def test_logins_come_from_the_host(self) -> None:
        asked = []

        class Credentials(askleo.Credentials):
            async def credential(self, ctx: str, source: str) -> str:
                asked.append(source)
                raise LeoError.Denied(ErrorInfo(message="the vault is sealed"))

        place = json.dumps({"engine": "postgres", "host": "127.0.0.1", "port": 1, "database": "shop", "login": "provided"})
        parts = Parts(credentials=Credentials())
        options = BuildOptions(preset="local", sources=[SourceOptions(id="db", place=place)])
        leo = await Leo.build(options, parts)
        kind, message = await self.error(leo.ask("how many orders?"))
        self.assertEqual((kind, set(asked)), ("adapter", {"db"}))
        self.assertIn("gave no login", message)


class Memory(askleo.Storage):
    """A storage in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Stored, float | None]] = {}
        self.last = 0

    def live(self, key: str) -> Stored | None:
        stored, ends = self.kept.get(key, (None, None))
        return None if ends is not None and ends <= time.monotonic() else stored

    def expect(self, key: str, expected: int | None) -> None:
        stored = self.live(key)
        if expected is not None and expected != (stored.version if stored else 0):
            raise LeoError.Conflict(ErrorInfo(message="another version is there"))

    async def get(self, key: str) -> Stored | None:
        return self.live(key)

    async def put(self, key: str, value: bytes, options: str) -> int:
        if len(key) > 512 or len(value) > 262_144:
            raise LeoError.LimitExceeded(ErrorInfo(message="too large"))
        given = json.loads(options)
        self.expect(key, given["expected"])
        self.last += 1
        ends = None if given["ttl_ms"] is None else time.monotonic() + given["ttl_ms"] / 1000
        self.kept[key] = (Stored(value=value, version=self.last), ends)
        return self.last

    async def delete(self, key: str, expected: int | None) -> None:
        self.expect(key, expected)
        self.kept.pop(key, None)

    async def list_page(self, prefix: str, after: str | None, limit: int) -> list[str]:
        keys = sorted(key for key in self.kept if key.startswith(prefix) and self.live(key) and (after is None or key > after))
        return keys[:limit]


class Storages(Case):
    async def test_a_storage_holds_its_contract(self) -> None:
        checks = json.loads(await askleo.check_storage(Memory()))
        self.assertGreater(len(checks), 5)
        self.assertEqual([check for check in checks if check["outcome"] != "passed"], [])

    async def test_settings_of_a_tenant_outlive_the_handle(self) -> None:
        storage = Memory()
        for attempt in (1, 2):
            user = await self.user(storage=storage)
            if attempt == 1:
                await user.set_tenant_settings('{"calendar": {"fiscal_year_start": 4}}')
            found = {setting["path"]: setting["value"] for setting in json.loads(await user.settings())}
            self.assertEqual(found["calendar.fiscal_year_start"], 4)


class Thinkers(Case):
    async def opened(self, **parts: Any) -> Leo:
        return await Leo.open(self.shop, OpenOptions(), Parts(**parts))

    async def test_a_model_answers_what_the_planner_cannot(self) -> None:
        requests = []

        class Model(askleo.Model):
            async def complete(self, ctx: str, request: str) -> str:
                requests.append(request)
                sql = "SELECT max(amount) - min(amount) AS spread FROM orders"
                return json.dumps({"output": {"sql": sql, "params": []}, "input_tokens": 3, "output_tokens": 2, "model": "parrot"})

        answer = await (await self.opened(model=Model())).ask("interquartile spread of the amounts, please")
        self.assertEqual(answer.status(), Status.ANSWERED)
        self.assertEqual(json.loads(answer.json())["provenance"]["planner"], "model")
        self.assertNotIn("north", str(requests))

    async def test_a_clock_says_what_today_is(self) -> None:
        class Clock(askleo.Clock):
            async def now(self) -> str:
                return "2024-02-20T12:00:00Z"

        answer = await (await self.opened(clock=Clock())).ask("how many orders this month?")
        self.assertEqual(rows(answer), [[2]])

    async def test_an_embedder_finds_what_words_mean(self) -> None:
        class Embedder(askleo.Embedder):
            async def embed(self, ctx: str, texts: list[str]) -> list[list[float]]:
                return [[1.0, 0.0] if "amount" in text or "turnover" in text else [0.0, 1.0] for text in texts]

        hits = json.loads(await (await self.opened(embedder=Embedder())).search("turnover", SearchOptions(limit=3)))
        self.assertTrue(any(hit.get("column") == "amount" for hit in hits))


class Warehouse(askleo.HostSource):
    """A source over an open handle, by rows at once or piece by piece."""

    def __init__(self, leo: Leo, pieces: bool) -> None:
        self.leo, self.pieces = leo, pieces
        self.running: dict[int, list[HostRows]] = {}
        self.ended: list[int] = []

    async def introspect(self, ctx: str) -> str:
        columns = [{"name": "id", "type": "INTEGER"}, {"name": "region", "type": "TEXT"}]
        return json.dumps({"dialect": "sqlite", "tables": [{"name": "orders", "columns": columns}]})

    async def start(self, ctx: str, request: str) -> HostRows | None:
        statement = json.loads(request)
        answer = await self.leo.sql(statement["sql"], SqlOptions(params=json.dumps(statement["params"])))
        table = answer.table()
        assert table is not None
        if not self.pieces:
            return HostRows.JSON(json.dumps({"columns": table.columns(), "rows": json.loads(table.rows())}))
        self.running[statement["id"]] = [HostRows.IPC(table.to_ipc())] * 2
        return None

    async def next(self, id: int) -> HostRows | None:
        pieces = self.running[id]
        return pieces.pop() if pieces else None

    async def stop(self, id: int) -> None:
        self.ended.append(id)

    async def close(self) -> None:
        pass


class Sources(Case):
    async def test_a_source_that_the_host_reads(self) -> None:
        for pieces in (False, True):
            with self.subTest(pieces=pieces):
                warehouse = Warehouse(await Leo.open(self.shop), pieces)
                source = SourceOptions(id="warehouse", connector=Connector(dialect="sqlite"), execution=True)
                leo = await Leo.build(BuildOptions(preset="local", sources=[source]), Parts(sources={"warehouse": warehouse}))
                found = rows(await leo.sql("SELECT id FROM orders ORDER BY id"))
                self.assertEqual(found, [[1], [2], [3]] * (2 if pieces else 1))
                self.assertEqual(rows(await leo.ask("how many orders?"))[0], [3])
                await leo.close()

    async def test_a_source_without_its_code(self) -> None:
        source = SourceOptions(id="warehouse", connector=Connector(dialect="sqlite"))
        kind, message = await self.error(Leo.build(BuildOptions(preset="local", sources=[source])))
        self.assertEqual(kind, "config")
        self.assertIn("no code that reads it", message)
