"""Leo and the process it lives in: forks, signals, threads, the end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

import askleo as leo
from conftest import SLOW



def python(code: str, *options: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Runs `code` in an interpreter of its own."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, *options, "-c", textwrap.dedent(code)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=timeout)


def test_ctrl_c_stops_a_statement(shop: Path) -> None:
    with leo.open(shop) as db:
        db.ask("how many orders?")
        threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
        begin = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            db.sql(SLOW, timeout_ms=60_000)
        assert time.monotonic() - begin < 10
        assert db.sql("SELECT count(*) FROM orders").table[0][0] == 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_handle_works_after_fork(shop: Path) -> None:
    db = leo.open(shop)
    assert db.ask("how many orders?").row_count == 1
    child = os.fork()
    if child == 0:
        status = 1
        try:
            status = 0 if db.sql("SELECT count(*) FROM orders").table[0][0] == 3 else 2
            del db
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert db.sql("SELECT count(*) FROM orders").table[0][0] == 3
    db.close()


def test_nothing_is_left_open_in_dev_mode(shop: Path) -> None:
    run = python(
        f"""
        import asyncio
        import askleo as leo

        async def authorize(ctx, request):
            return {{}}

        class Sink:
            async def append(self, events): pass
            async def flush(self): pass

        with leo.Leo(sources=[{{"place": {str(shop)!r}, "execution": True}}], authorizer=authorize, audit=Sink()) as db:
            assert db.for_user("acme", "ada").ask("how many orders?").row_count == 1

        async def main():
            async with await leo.AsyncLeo.open({str(shop)!r}) as db:
                assert (await db.ask("how many orders?")).row_count == 1

        asyncio.run(main())
        """,
        "-X",
        "dev",
        "-W",
        "error",
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_an_interpreter_that_ends_during_a_call(shop: Path) -> None:
    run = python(
        f"""
        import threading, time
        import askleo as leo

        db = leo.open({str(shop)!r}, authorizer=lambda ctx, request: time.sleep(0.05) or {{}})

        def ask():
            while True:
                db.sql("SELECT count(*) FROM orders")

        for _ in range(4):
            threading.Thread(target=ask, daemon=True).start()
        time.sleep(0.3)
        """
    )
    assert (run.returncode, run.stderr) == (0, "")


def test_a_program_that_awaited_ends_as_it_should() -> None:
    # A thread may still be telling the loop what came of the call when the interpreter ends.
    for _ in range(12):
        run = python(
            """
            import asyncio
            import askleo as leo

            async def main():
                async with leo.AsyncLeo.sample() as company:
                    await company.ask("How many customers do we have?")

            asyncio.run(main())
            """
        )
        assert (run.returncode, run.stderr) == (0, "")


def test_importing_brings_no_heavy_module() -> None:
    run = python("import sys, askleo; print(sorted({'asyncio', 'json', 'typing', 'inspect', 'pyarrow', 'pandas'} & set(sys.modules)))")
    assert run.stdout.strip() == "[]", run.stderr


def test_what_was_learned_outlives_the_process(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEO_TEST_KEYS", "1:" + "17" * 32)
    code = (
        "import sys, askleo\n"
        "with askleo.open(sys.argv[1], storage=sys.argv[2], keys='LEO_TEST_KEYS') as leo:\n"
        "    assert leo.ask('how many orders?').row_count == 1\n"
        "    print(sum(event['purpose'] == 'profile' for event in leo.recent_audit() if event['action'] == 'statement'))\n"
    )
    run = [sys.executable, "-c", code, str(shop), str(tmp_path / "leo.db")]
    counts = [int(subprocess.run(run, check=True, capture_output=True, text=True).stdout) for _ in range(2)]
    assert counts[0] >= 2 and counts[1] == 0
    assert b"north" not in (tmp_path / "leo.db").read_bytes()
    with pytest.raises(leo.ConfigError, match="LEO_NO_SUCH_KEYS"):
        leo.open(shop, storage=tmp_path / "leo.db", keys="LEO_NO_SUCH_KEYS")
    with pytest.raises(leo.ConfigError, match="no storage of Leo's"):
        leo.open(shop, storage=shop)
