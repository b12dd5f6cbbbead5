"""The Python of the README runs, and the README names what there is."""

from __future__ import annotations

import contextlib
import io
import re
import unittest

import askleo

from shop import ROOT, SURFACE

README = (ROOT / "leo-uniffi" / "README.md").read_text(encoding="utf-8")


class Readme(unittest.TestCase):
    def test_its_code_runs(self) -> None:
        blocks = re.findall(r"^```python\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
        self.assertTrue(blocks)
        askleo.uniffi_set_event_loop(None)
        for code in blocks:
            out = io.StringIO()
            with contextlib.redirect_stdout(out):
                exec(compile(code, "README.md", "exec"), {"__name__": "readme"})
            for said in re.findall(r"print\(.*?\)  # (.*)", code):
                self.assertIn(said, out.getvalue())

    def test_it_names_every_error_and_every_part(self) -> None:
        for error in SURFACE["errors"]:
            self.assertIn(f"`{error.title().replace('_', '')}`", README)
        for methods in SURFACE["parts"].values():
            for method, arguments in methods.items():
                self.assertIn(f"`{method}({', '.join(arguments)})`", README)
