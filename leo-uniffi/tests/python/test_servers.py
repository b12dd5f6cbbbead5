"""Servers are opened by their URLs."""

from __future__ import annotations

import os

from askleo import Leo, Value

from shop import Case, rows


class Servers(Case):
    async def asked(self, name: str) -> None:
        url = os.environ.get(f"LEO_TEST_{name}_URL")
        if url is None:
            self.skipTest(f"there is no server: LEO_TEST_{name}_URL is not set")
        leo = await Leo.open(url)
        self.assertEqual(rows(await leo.ask("how many orders?")), [[3]])
        table = (await leo.sql("SELECT id, amount, note FROM orders ORDER BY id")).table()
        assert table is not None
        amount = table.cell(0, 1)
        self.assertIsInstance(amount, Value.DECIMAL)
        self.assertEqual(amount.digits, "12.50")
        self.assertEqual(table.cell(2, 2).value, "日本")
        self.assertEqual((await self.error(leo.sql("DELETE FROM orders")))[0], "rejected")
        await leo.close()

    async def test_postgres(self) -> None:
        await self.asked("POSTGRES")

    async def test_mariadb(self) -> None:
        await self.asked("MARIADB")
