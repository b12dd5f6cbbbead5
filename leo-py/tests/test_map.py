"""The data map."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import askleo as leo


def test_a_source_is_looked_through(shop: Path) -> None:
    with leo.open(shop) as db:
        overview = db.map()
        orders = next(table for table in overview["tables"] if table["name"]["name"] == "orders")
        assert overview["source"] == "shop" and not overview["is_stale"] and orders["rows"] == 3
        assert overview["questions"] and db.ask(overview["questions"][0]).status == "answered"
        detail = db.map_table("orders", sample=2)
        sample = detail.get("sample")
        assert sample is not None and len(sample["rows"]) == 2
        assert detail["ddl"].startswith('CREATE TABLE "orders"')
        assert [node["table"]["name"] for node in db.map_graph(around="orders", joins=0)["nodes"]] == ["orders"]
        assert isinstance(db.map_quality()["tables"], list)
        with pytest.raises(leo.NotFoundError, match="did you mean `orders`"):
            db.map_table("ordres")


def test_the_map_is_written_in_other_forms(shop: Path) -> None:
    with leo.open(shop) as db:
        assert db.export_map("mermaid").startswith("erDiagram")
        assert db.export_map("dot").startswith("digraph")
        assert 'CREATE TABLE "orders"' in db.export_map("ddl")
        page = db.export_map("html", sample=1)
        assert "default-src 'none'" in page and "http://" not in page.replace("http://www.w3.org/2000/svg", "")
        with pytest.raises(leo.ConfigError, match="choose `html`"):
            db.export_map("png")  # type: ignore[arg-type]


def test_personal_data_is_on_no_map(tmp_path: Path) -> None:
    rows = "".join(f"{number},ada{number}@example.com\n" for number in range(40))
    (tmp_path / "people.csv").write_text("id,email\n" + rows)
    with leo.open(tmp_path / "people.csv") as db:
        detail = db.map_table("people", sample=5)
        assert all(row[1] == "[REDACTED:email]" for row in detail.get("sample", {"rows": []})["rows"])
        assert "ada1@example.com" not in db.export_map("html", sample=5)


def test_the_map_is_there_for_coroutines(shop: Path) -> None:
    async def look() -> None:
        async with await leo.AsyncLeo.open(shop) as db:
            assert (await db.map())["source"] == "shop"
            assert (await db.map_table("orders"))["table"]["name"]["name"] == "orders"
            assert (await db.map_graph())["nodes"]
            assert (await db.map_quality())["score"] is not None
            assert "orders" in await db.export_map("ddl")

    asyncio.run(look())
